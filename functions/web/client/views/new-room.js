/** The dialog that starts a chat: with one person, a group, or a channel. */

/** @import {Banter} from '../banter.js' */
/** @import {RoomType} from '../banter/types.js' */
import { fill, h, icon } from '../dom.js';
import { refusalText } from '../words.js';
import { openDialog } from './feedback.js';
import { peoplePicker } from './people-picker.js';
import { toggle } from './room-edit.js';

/** @type {{type: RoomType, key: string, label: string, icon: 'person' | 'people' | 'channel', hint: string, action: string}[]} */
const TYPES = [
  { type: 'private_messages', key: 'private', label: 'Private', icon: 'person', hint: 'Just the two of you.', action: 'Start chat' },
  { type: 'group', key: 'group', label: 'Group', icon: 'people', hint: 'Everybody writes and can add people.', action: 'Create group' },
  { type: 'channel', key: 'channel', label: 'Channel', icon: 'channel', hint: 'You write, the others read.', action: 'Create channel' },
];

/** @param {Banter} banter */
export function openNewRoom(banter) {
  let kind = /** @type {typeof TYPES[number]} */ (TYPES[0]);
  openDialog({
    title: 'New chat',
    body: (close) => {
      const name = h('input', { testid: 'new-room-name', maxlength: 100, placeholder: 'Weekend plans', autocomplete: 'off', oninput: update });
      const nameField = h('label', { class: 'field' }, h('span', {}, 'Name'), name);
      const open = h('input', { type: 'checkbox', testid: 'new-room-public' });
      const openField = toggle(open, 'Public', 'Anyone can find it and join.');
      const staff = h('input', { type: 'checkbox', testid: 'new-room-staff' });
      const staffField = toggle(staff, 'Staff only', 'Everybody sees its name; only staff can enter.');
      const hint = h('p', { class: 'muted hint' });
      const error = h('p', { class: 'form-error', role: 'alert' });
      const create = h('button', { class: 'button primary', testid: 'new-room-create' });
      const picker = peoplePicker(banter, { single: () => kind.type === 'private_messages', onChange: update });

      function update() {
        const alone = kind.type === 'private_messages';
        nameField.hidden = alone;
        openField.hidden = alone;
        staffField.hidden = alone || !banter.me?.is_staff;
        fill(hint, kind.hint);
        fill(create, kind.action);
        create.disabled = alone ? picker.chosen.length !== 1 : !name.value.trim();
      }

      async function onsubmit(/** @type {Event} */ event) {
        event.preventDefault();
        if (create.disabled) return;
        create.disabled = true;
        fill(error);
        const members = picker.chosen.map((user) => user.id);
        const named = kind.type === 'private_messages' ? {} : { name: name.value.trim(), is_public: open.checked, ...(staff.checked && { staff_only: true }) };
        try {
          const room = await banter.createRoom({ type: kind.type, members, ...named });
          close();
          location.hash = `#/rooms/${room.id}`;
        } catch (caught) {
          fill(error, refusalText(caught));
          update();
        }
      }

      const kinds = h(
        'div',
        { class: 'segments', role: 'radiogroup', 'aria-label': 'Kind of chat' },
        TYPES.map((option) =>
          h(
            'label',
            { class: 'segment' },
            h('input', {
              type: 'radio', name: 'kind', testid: `new-room-type-${option.key}`, checked: option === kind,
              onchange: () => {
                kind = option;
                picker.trim();
                update();
              },
            }),
            icon(option.icon),
            h('span', {}, option.label),
          ),
        ),
      );
      update();
      queueMicrotask(() => picker.input.focus());
      return [
        h(
          'form',
          { class: 'dialog-body', onsubmit },
          kinds, hint, nameField, openField, staffField, picker.element, error,
          h('div', { class: 'dialog-foot' }, h('button', { type: 'button', class: 'button', onclick: close }, 'Cancel'), create),
        ),
      ];
    },
  });
}
