/** What the staff page opens: a new chat, a new person, the members of a chat. */

/** @import {Banter} from '../banter.js' */
/** @import {Member, Room} from '../banter/types.js' */
import { fill, h } from '../dom.js';
import { refusalText } from '../words.js';
import { personFace } from './face.js';
import { attempt, confirmAction, openDialog, openForm } from './feedback.js';
import { toggle } from './room-edit.js';

/** @param {string} label @param {HTMLElement} input */
function field(label, input) {
  return h('label', { class: 'field' }, h('span', {}, label), input);
}

/** @param {Banter} banter @param {() => void} done */
export function openNewStaffRoom(banter, done) {
  const name = h('input', { testid: 'admin-room-name', required: true, maxlength: 100, autocomplete: 'off' });
  const description = h('textarea', { rows: 2, maxlength: 1000 });
  const channel = h('input', { type: 'checkbox', testid: 'admin-room-channel' });
  const staff = h('input', { type: 'checkbox', testid: 'admin-room-staff', checked: true });
  const open = h('input', { type: 'checkbox', testid: 'admin-room-public' });
  const fields = [
    field('Name', name), field('Description', description),
    toggle(channel, 'Channel', 'Only those allowed write, the others read.'),
    toggle(staff, 'Staff only', 'Everybody sees its name; only staff can enter.'),
    toggle(open, 'Public', 'Anyone can find it and join.'),
  ];
  openForm({ title: 'New chat', action: 'Create', testid: 'admin-submit', fields }, async () => {
    const about = description.value.trim();
    await banter.createRoom({
      type: channel.checked ? 'channel' : 'group', name: name.value.trim(), ...(about && { description: about }),
      staff_only: staff.checked, is_public: open.checked,
    });
    done();
  });
}

/** @param {Banter} banter @param {() => void} done */
export function openNewUser(banter, done) {
  const name = h('input', { testid: 'admin-user-name', required: true, maxlength: 100, autocomplete: 'off' });
  const username = h('input', {
    testid: 'admin-user-username', required: true, minlength: 3, maxlength: 32, pattern: '[A-Za-z0-9_.\\-]+', title: 'Letters, digits and _ . -',
    autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false',
  });
  const password = h('input', { type: 'password', testid: 'admin-user-password', required: true, minlength: 8, maxlength: 128, autocomplete: 'new-password' });
  const staff = h('input', { type: 'checkbox', testid: 'admin-user-staff' });
  const fields = [field('Name', name), field('Username', username), field('Password', password), toggle(staff, 'Staff', 'May see every chat, and remove what must go.')];
  openForm({ title: 'New person', action: 'Create', testid: 'admin-submit', fields }, async () => {
    await banter.admin.createUser({ name: name.value.trim(), username: username.value.trim().toLowerCase(), password: password.value, is_staff: staff.checked });
    done();
  });
}

/** @param {Banter} banter @param {Room} room */
export function openMembers(banter, room) {
  const list = h('div', {}, h('div', { class: 'loading', role: 'status', 'aria-label': 'Loading' }));

  async function load() {
    try {
      const members = await banter.members(room.id);
      fill(list, h('ul', { class: 'people tall' }, members.map(row)));
    } catch (error) {
      fill(list, h('p', { class: 'muted' }, refusalText(error)));
    }
  }

  /** @param {Member} member */
  function row(member) {
    const remove = async () => {
      const sure = await confirmAction({ title: `Remove ${member.user.name}?`, text: 'They lose access to this chat and its messages.', action: 'Remove' });
      if (sure && (await attempt(() => banter.removeMember(room.id, member.user.id)))) load();
    };
    return h(
      'li',
      { testid: 'admin-member', 'data-user-id': member.user.id },
      personFace(banter, member.user, 'small'),
      h('span', { class: 'people-name' }, member.user.name, h('span', { class: 'muted' }, member.is_owner ? 'Owner' : `@${member.user.username ?? ''}`)),
      h('button', { type: 'button', class: 'link danger-link', testid: 'admin-member-remove', 'aria-label': `Remove ${member.user.name}`, onclick: remove }, 'Remove'),
    );
  }

  openDialog({ title: `Members of ${room.name ?? 'this chat'}`, body: () => [h('div', { class: 'dialog-body' }, list)] });
  load();
}
