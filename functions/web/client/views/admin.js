/** For staff: every chat and every person, and what must go. The server decides; this only asks. */

/** @import {Banter} from '../banter.js' */
/** @import {Room, User} from '../banter/types.js' */
import { fill, h, icon, iconButton } from '../dom.js';
import { plural, refusalText, TYPE_NAMES } from '../words.js';
import { openMembers, openNewStaffRoom, openNewUser } from './admin-dialogs.js';
import { personFace, roomFaceView } from './face.js';
import { attempt, confirmAction } from './feedback.js';
import { openMenu } from './message-menu.js';

const SEARCH_MS = 250;

/** @param {Banter} banter */
export function adminView(banter) {
  /** @type {'rooms' | 'users'} */
  let tab = 'rooms';
  let latest = 0;
  /** @type {any} */
  let timer = null;
  /** @type {(Room | User)[]} */
  let found = [];
  /** @type {string | null} */
  let next = null;

  const list = h('div', { class: 'page-list' });
  const query = h('input', {
    type: 'search', class: 'search-input', testid: 'admin-search', autocomplete: 'off',
    oninput: () => {
      clearTimeout(timer);
      timer = setTimeout(load, SEARCH_MS);
    },
  });
  const tabs = h('div', { class: 'tabs', role: 'tablist' });
  const create = h('button', { type: 'button', class: 'button primary', testid: 'admin-create', onclick: () => (tab === 'rooms' ? openNewStaffRoom(banter, load) : openNewUser(banter, load)) });

  /** @param {'rooms' | 'users'} chosen */
  function choose(chosen) {
    tab = chosen;
    query.value = '';
    const label = tab === 'rooms' ? 'Search chats by name' : 'Search people by name';
    query.placeholder = label;
    query.setAttribute('aria-label', label);
    fill(
      tabs,
      /** @type {const} */ (['rooms', 'users']).map((one) =>
        h('button', { type: 'button', role: 'tab', class: 'tab', testid: `admin-${one}`, 'aria-selected': String(one === tab), onclick: () => choose(one) }, one === 'rooms' ? 'Chats' : 'People')),
    );
    fill(create, icon('plus'), tab === 'rooms' ? 'New chat' : 'New person');
    fill(list, h('div', { class: 'loading', role: 'status', 'aria-label': 'Loading' }));
    load();
  }

  function load() {
    return more(null);
  }

  /** @param {string | null} cursor */
  async function more(cursor) {
    const mine = ++latest;
    try {
      const q = query.value.trim();
      const page = await (tab === 'rooms' ? banter.admin.rooms(q, cursor) : banter.admin.users(q, cursor));
      if (mine !== latest) return;
      found = cursor ? [...found, ...page.data] : page.data;
      ({ next } = page);
      draw();
    } catch (error) {
      if (mine === latest) fill(list, h('p', { class: 'feed-note muted' }, refusalText(error), h('button', { type: 'button', class: 'button', onclick: load }, 'Try again')));
    }
  }

  function draw() {
    fill(
      list,
      found.length === 0 && h('p', { class: 'feed-note muted' }, 'Nothing found.'),
      h('ul', {}, found.map((one) => ('username' in one ? userRow(one) : roomRow(one)))),
      next && h('button', { type: 'button', class: 'button wide', onclick: () => more(next) }, 'More'),
    );
  }

  /** @param {Room} room */
  function roomRow(room) {
    const name = room.name ?? TYPE_NAMES[room.type];
    const about = [TYPE_NAMES[room.type], plural(room.member_count, 'member', 'members'), room.is_public && 'Public', room.staff_only && 'Staff only'];
    const isPrivate = room.type === 'private_messages';
    const mine = banter.room(room.id) !== null;
    // Nobody lets themselves into a chat that is not listed.
    const canOpen = mine || room.is_public || room.staff_only;
    return h(
      'li',
      { class: 'page-row', testid: 'admin-room', 'data-room-id': room.id },
      roomFaceView(banter, room),
      h('span', { class: 'people-name' }, h('span', {}, room.staff_only && icon('lock'), name), h('span', { class: 'muted' }, about.filter(Boolean).join(' · '))),
      iconButton('more', `Actions for ${name}`, {
        testid: 'admin-room-menu', 'aria-haspopup': 'menu',
        onclick: (/** @type {Event} */ event) => openMenu(/** @type {HTMLElement} */ (event.currentTarget), [
          ...(isPrivate ? [] : [
            { label: 'Members', icon: /** @type {const} */ ('people'), testid: 'admin-members', run: () => openMembers(banter, room) },
            ...(canOpen ? [{ label: mine ? 'Open' : 'Join', icon: /** @type {const} */ ('chat'), testid: 'admin-open', run: () => open(room) }] : []),
          ]),
          { label: 'Delete', icon: 'trash', testid: 'admin-delete', danger: true, run: () => remove(room) },
        ]),
      }),
    );
  }

  /** @param {Room} room */
  async function open(room) {
    await attempt(async () => {
      if (!banter.room(room.id)) await banter.joinRoom(room.id);
      location.hash = `#/rooms/${room.id}`;
    });
  }

  /** @param {Room} room */
  async function remove(room) {
    const sure = await confirmAction({ title: `Delete “${room.name ?? TYPE_NAMES[room.type]}”?`, text: 'It disappears for everybody in it, with all messages.', action: 'Delete' });
    if (sure && (await attempt(() => banter.deleteRoom(room.id)))) load();
  }

  /** @param {User} user */
  async function ban(user) {
    const banned = !user.is_banned;
    const text = 'They are signed out everywhere at once and cannot sign in again. What they wrote stays.';
    const sure = !banned || (await confirmAction({ title: `Ban ${user.name}?`, text, action: 'Ban' }));
    if (sure && (await attempt(() => banter.admin.setBanned(user.id, banned)))) load();
  }

  /** @param {User} user */
  function userRow(user) {
    const mine = user.id === banter.me?.id;
    const label = user.is_staff ? 'Take staff rights away' : 'Make staff';
    return h(
      'li',
      { class: 'page-row', testid: 'admin-user', 'data-user-id': user.id },
      personFace(banter, user),
      h('span', { class: 'people-name' }, mine ? `${user.name} (you)` : user.name, h('span', { class: 'muted' }, `@${user.username}`)),
      user.is_staff && h('span', { class: 'role' }, 'Staff'),
      user.is_banned && h('span', { class: 'role' }, 'Banned'),
      !mine && iconButton('more', `Actions for ${user.name}`, {
        testid: 'admin-user-menu', 'aria-haspopup': 'menu',
        onclick: (/** @type {Event} */ event) => openMenu(/** @type {HTMLElement} */ (event.currentTarget), [
          { label, icon: 'shield', testid: 'admin-staff', danger: user.is_staff, run: () => attempt(() => banter.admin.setStaff(user.id, !user.is_staff)).then(load) },
          { label: user.is_banned ? 'Lift the ban' : 'Ban', icon: 'leave', testid: 'admin-ban', danger: !user.is_banned, run: () => ban(user) },
        ]),
      }),
    );
  }

  if (banter.me?.is_staff) choose('rooms');
  else fill(list, h('p', { class: 'feed-note muted' }, refusalText({ code: 'staff_only' })));
  return {
    element: h(
      'section',
      { class: 'page', 'aria-label': 'Administration' },
      h(
        'header',
        { class: 'bar' },
        h('a', { class: 'icon-button back', href: '#/', testid: 'back', 'aria-label': 'Back to chats', title: 'Back to chats' }, icon('back')),
        h('div', { class: 'bar-title' }, h('h1', {}, 'Administration')),
      ),
      h('div', { class: 'page-body' }, banter.me?.is_staff && [h('div', { class: 'page-tools' }, tabs, create), h('div', { class: 'search' }, icon('search'), query)], list),
    ),
    unmount: () => clearTimeout(timer),
  };
}
