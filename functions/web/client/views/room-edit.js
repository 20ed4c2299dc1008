/** The dialogs that change a chat: what it is called, and what a member may do. */

/** @import {Banter} from '../banter.js' */
/** @import {Member, Permissions, Room} from '../banter/types.js' */
import { h } from '../dom.js';
import { roomFaceView, roomPicture } from './face.js';
import { openForm } from './feedback.js';
import { pictureField } from './picture-field.js';

/** @param {Banter} banter @param {Room} room */
export function openRoomEdit(banter, room) {
  const picture = pictureField(banter, roomFaceView(banter, room, 'huge'), Boolean(roomPicture(banter, room)));
  const name = h('input', { testid: 'room-edit-name', required: true, maxlength: 100, value: room.name ?? '' });
  const description = h('textarea', { testid: 'room-edit-description', rows: 3, maxlength: 1000, value: room.description ?? '' });
  const open = h('input', { type: 'checkbox', testid: 'room-edit-public', checked: room.is_public });
  const staff = h('input', { type: 'checkbox', testid: 'room-edit-staff', checked: room.staff_only });
  const fields = [
    picture.element,
    h('label', { class: 'field' }, h('span', {}, 'Name'), name),
    h('label', { class: 'field' }, h('span', {}, 'Description'), description),
    toggle(open, 'Public', 'Anyone can find it and join.'),
    banter.me?.is_staff && toggle(staff, 'Staff only', 'Everybody sees its name; only staff can enter.'),
  ];
  openForm({ title: 'Edit chat', action: 'Save', testid: 'room-edit-submit', fields }, async () => {
    const change = { name: name.value.trim(), description: description.value.trim(), is_public: open.checked, staff_only: staff.checked };
    // Only what differs: a change that changes nothing would still be announced.
    const differs = Object.entries(change).filter(([key, value]) => value !== (/** @type {any} */ (room)[key] ?? ''));
    if (picture.chosen !== undefined) differs.push(['avatar_media_id', /** @type {any} */ (picture.chosen)]);
    if (differs.length) await banter.updateRoom(room.id, Object.fromEntries(differs));
  });
}

/** @type {[keyof Permissions, string][]} */
const PERMISSIONS = [
  ['can_create_messages', 'Write messages'],
  ['can_edit_own_messages', 'Edit own messages'],
  ['can_delete_own_messages', 'Delete own messages'],
  ['can_edit_messages', 'Edit messages of others'],
  ['can_delete_messages', 'Delete messages of others'],
  ['can_add_users', 'Add people'],
  ['can_remove_users', 'Remove people'],
  ['can_edit_room', 'Change name and picture'],
  ['can_delete_room', 'Delete the chat'],
];

/**
 * @param {Banter} banter
 * @param {Room} room
 * @param {Member} member
 * @param {() => void} changed
 */
export function openPermissions(banter, room, member, changed) {
  const boxes = PERMISSIONS.map(([key, label]) => ({
    key, label,
    box: h('input', { type: 'checkbox', testid: `permission-${key}`, checked: member.permissions[key] }),
  }));
  const fields = [h('div', { class: 'toggles' }, boxes.map(({ label, box }) => toggle(box, label)))];
  openForm({ title: `What ${member.user.name} may do`, action: 'Save', testid: 'permissions-submit', fields }, async () => {
    const differs = boxes.filter(({ key, box }) => box.checked !== member.permissions[key]).map(({ key, box }) => [key, box.checked]);
    if (differs.length) await banter.updateMember(room.id, member.user.id, { permissions: Object.fromEntries(differs) });
    changed();
  });
}

/** @param {HTMLInputElement} box @param {string} label @param {string} [hint] */
export function toggle(box, label, hint) {
  return h('label', { class: 'toggle' }, box, h('span', {}, label, hint && h('span', { class: 'muted' }, hint)));
}
