/** What a chat is and who is in it; what may be changed depends on my permissions there. */

/** @import {Banter} from '../banter.js' */
/** @import {Member, Room} from '../banter/types.js' */
import { fill, h, icon, iconButton } from '../dom.js';
import { plural, refusalText, roomTitle, TYPE_NAMES } from '../words.js';
import { personFace, roomFaceView } from './face.js';
import { attempt, confirmAction, openDialog, toast } from './feedback.js';
import { openMenu } from './message-menu.js';
import { peoplePicker } from './people-picker.js';
import { openPermissions, openRoomEdit, toggle } from './room-edit.js';

/**
 * @param {Banter} banter
 * @param {string} roomId
 */
export function detailsView(banter, roomId) {
  /** @type {Member[] | null} */
  let members = null;
  let problem = '';
  const body = h('div', { class: 'details-body' });
  const element = h(
    'section',
    { class: 'details' },
    h(
      'header',
      { class: 'bar' },
      h('a', { class: 'icon-button', href: `#/rooms/${roomId}`, testid: 'details-close', 'aria-label': 'Close details', title: 'Close details' }, icon('close')),
      h('div', { class: 'bar-title' }, h('h1', {}, 'Details')),
    ),
    body,
  );

  async function load() {
    try {
      members = await banter.members(roomId);
      problem = '';
    } catch (error) {
      problem = refusalText(error);
    }
    draw();
  }

  function draw() {
    const room = banter.room(roomId);
    if (!room?.my) return;
    const { my } = room;
    const alone = room.type === 'private_messages';
    fill(
      body,
      h(
        'div',
        { class: 'details-head' },
        roomFaceView(banter, room, 'huge'),
        h('h2', {}, roomTitle(banter, room)),
        h('p', { class: 'muted' }, TYPE_NAMES[room.type], room.is_public && ' · Public', room.staff_only && [' · ', icon('lock'), ' Staff only']),
        room.description && h('p', { class: 'description' }, room.description),
        my.permissions.can_edit_room && !alone && h('button', { type: 'button', class: 'button', testid: 'room-edit', onclick: () => openRoomEdit(banter, room) }, 'Edit'),
      ),
      h('div', { class: 'details-setting' }, muteToggle(my.muted)),
      h(
        'div',
        { class: 'section-row' },
        h('h3', { class: 'section' }, plural(room.member_count, 'member', 'members')),
        my.permissions.can_add_users && !alone && h('button', { type: 'button', class: 'link', testid: 'add-people', onclick: openAdd }, 'Add people'),
      ),
      problem ? h('p', { class: 'muted' }, problem, ' ', h('button', { type: 'button', class: 'link', onclick: load }, 'Try again'))
      : members ? h('ul', { class: 'members' }, sorted(members).map((member) => memberRow(room, member)))
      : h('div', { class: 'loading', role: 'status', 'aria-label': 'Loading members' }),
      h(
        'div',
        { class: 'details-actions' },
        !alone && h('button', { type: 'button', class: 'button danger-text', testid: 'room-leave', onclick: leave }, icon('leave'), 'Leave chat'),
        my.permissions.can_delete_room && h('button', { type: 'button', class: 'button danger-text', testid: 'room-delete', onclick: remove }, icon('trash'), 'Delete chat'),
      ),
    );
  }

  /** @param {boolean} muted */
  function muteToggle(muted) {
    const box = h('input', {
      type: 'checkbox', testid: 'room-mute', checked: muted,
      onchange: async () => {
        if (!(await attempt(() => banter.mute(roomId, box.checked)))) box.checked = muted;
      },
    });
    return toggle(box, 'Muted', 'Not counted in the title of the page.');
  }

  /** @param {Member[]} all */
  function sorted(all) {
    return [...all].sort((a, b) => Number(b.is_owner) - Number(a.is_owner) || a.user.name.localeCompare(b.user.name));
  }

  /** @param {Room} room @param {Member} member */
  function memberRow(room, member) {
    const mine = member.user.id === banter.me?.id;
    const role = member.is_owner ? 'Owner' : room.type === 'channel' && member.permissions.can_create_messages ? 'Writes' : '';
    const items = mine ? [] : memberActions(room, member);
    return h(
      'li',
      { class: 'member', testid: 'member', 'data-user-id': member.user.id },
      personFace(banter, member.user, 'small', true),
      h('span', { class: 'people-name' }, mine ? `${member.user.name} (you)` : member.user.name, member.user.username && h('span', { class: 'muted' }, `@${member.user.username}`)),
      role && h('span', { class: 'role' }, role),
      items.length > 0 && iconButton('more', `Actions for ${member.user.name}`, {
        testid: 'member-menu', 'aria-haspopup': 'menu',
        onclick: (/** @type {Event} */ event) => openMenu(/** @type {HTMLElement} */ (event.currentTarget), items),
      }),
    );
  }

  /**
   * @param {Room} room
   * @param {Member} member
   * @returns {import('./message-menu.js').Item[]}
   */
  function memberActions(room, member) {
    const { my } = room;
    if (!my || room.type === 'private_messages') return [];
    const { user } = member;
    /** @type {import('./message-menu.js').Item[]} */
    const items = [];
    const change = (/** @type {Parameters<Banter['updateMember']>[2]} */ what) => attempt(() => banter.updateMember(roomId, user.id, what)).then(load);
    if (my.is_owner && room.type === 'channel' && !member.is_owner) {
      const writes = member.permissions.can_create_messages;
      items.push({ label: writes ? 'Stop letting write' : 'Let write', icon: 'compose', testid: 'member-write', run: () => change({ permissions: { can_create_messages: !writes } }) });
    }
    if (my.is_owner && !member.is_owner) {
      items.push({ label: 'Permissions', icon: 'check', testid: 'member-permissions', run: () => openPermissions(banter, room, member, load) });
    }
    if (my.is_owner && !member.is_owner) items.push({ label: 'Make owner', icon: 'person', testid: 'member-owner', run: () => change({ is_owner: true }) });
    if ((my.permissions.can_remove_users || banter.me?.is_staff) && (!member.is_owner || my.is_owner)) {
      items.push({ label: 'Remove', icon: 'trash', testid: 'member-remove', danger: true, run: () => expel(member) });
    }
    return items;
  }

  /** @param {Member} member */
  async function expel(member) {
    const sure = await confirmAction({ title: `Remove ${member.user.name}?`, text: 'They lose access to this chat and its messages.', action: 'Remove' });
    if (sure && (await attempt(() => banter.removeMember(roomId, member.user.id)))) load();
  }

  async function leave() {
    const sure = await confirmAction({ title: 'Leave chat?', text: 'You will not see its messages any more.', action: 'Leave' });
    if (sure) await attempt(() => banter.leaveRoom(roomId));
  }

  async function remove() {
    const sure = await confirmAction({ title: 'Delete chat?', text: 'It disappears for everybody in it, with all messages.', action: 'Delete' });
    if (sure) await attempt(() => banter.deleteRoom(roomId));
  }

  function openAdd() {
    openDialog({
      title: 'Add people',
      body: (close) => {
        const submit = h('button', { class: 'button primary', testid: 'add-people-submit', disabled: true }, 'Add');
        const picker = peoplePicker(banter, {
          single: () => false,
          except: new Set((members ?? []).map((member) => member.user.id)),
          onChange: () => (submit.disabled = picker.chosen.length === 0),
        });
        const onsubmit = async (/** @type {Event} */ event) => {
          event.preventDefault();
          const ids = picker.chosen.map((user) => user.id);
          const add = async () => {
            const refused = (await banter.addMembers(roomId, ids)).filter(({ code }) => code && code !== 'already_member');
            for (const { code, user_id } of refused) {
              const name = picker.chosen.find((user) => user.id === user_id)?.name ?? 'Somebody';
              toast(`${name} was not added. ${refusalText({ code })}`, 'error');
            }
          };
          if (!ids.length || !(await attempt(add))) return;
          close();
          load();
        };
        queueMicrotask(() => picker.input.focus());
        return [h('form', { class: 'dialog-body', onsubmit }, picker.element, h('div', { class: 'dialog-foot' }, h('button', { type: 'button', class: 'button', onclick: close }, 'Cancel'), submit))];
      },
    });
  }

  const stops = [
    banter.on('room', ({ room }) => room.id === roomId && draw()),
    banter.on('presence', ({ user_id }) => members?.some((member) => member.user.id === user_id) && draw()),
    banter.on('people', draw),
    banter.on('member', ({ room_id }) => room_id === roomId && load()),
  ];
  draw();
  load();
  return {
    element,
    unmount() {
      for (const stop of stops) stop();
    },
  };
}
