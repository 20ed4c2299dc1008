/** My chats, latest first, and a box that filters them and finds public ones. */

/** @import {Banter} from '../banter.js' */
/** @import {Room} from '../banter/types.js' */
import { arrange, fill, h, icon, iconButton } from '../dom.js';
import { FEATURES } from '../features.js';
import { listTime, plural, previewText, roomTitle } from '../words.js';
import { faceSignature, personFace, roomFaceView } from './face.js';
import { openNewRoom } from './new-room.js';
import { openProfile } from './profile.js';

const SEARCH_MS = 250;

/** @param {Banter} banter */
export function roomListView(banter) {
  /** @type {Map<string, {element: HTMLElement, signature: string}>} */
  const items = new Map();
  let selected = '';
  let scheduled = false;
  let latest = 0;
  /** @type {any} */
  let timer = null;
  /** @type {Room[]} */
  let found = [];

  const list = h('ul', { class: 'rooms', 'aria-label': 'Chats', onkeydown: onKey });
  const others = h('div', { class: 'others' });
  const note = h('div', { class: 'list-note' });
  const filter = h('input', {
    type: 'search', class: 'search-input', placeholder: 'Search chats', 'aria-label': 'Search chats', testid: 'room-filter', autocomplete: 'off',
    oninput: () => {
      clearTimeout(timer);
      timer = setTimeout(findPublic, SEARCH_MS);
      draw();
    },
  });
  const myself = h('button', { type: 'button', class: 'myself', testid: 'profile', title: 'Your profile', onclick: () => openProfile(banter) });
  const staff = h('a', { class: 'icon-button', href: '#/admin', testid: 'admin', 'aria-label': 'Administration', title: 'Administration' }, icon('shield'));
  const element = h(
    'nav',
    { class: 'list', 'aria-label': 'Chats' },
    h(
      'header',
      { class: 'bar' },
      myself,
      staff,
      iconButton('leave', 'Sign out', { testid: 'sign-out', onclick: () => banter.signOut() }),
      iconButton('compose', 'New chat', { testid: 'new-room', class: 'accent', onclick: () => openNewRoom(banter) }),
    ),
    h(
      'div',
      { class: 'list-tools' },
      h('div', { class: 'search' }, icon('search'), filter),
      h('a', { class: 'icon-button', href: '#/browse', testid: 'browse', 'aria-label': 'Public chats', title: 'Public chats' }, icon('globe')),
    ),
    h('div', { class: 'list-scroll' }, list, note, others),
  );

  function drawMyself() {
    const { me } = banter;
    if (!me) return;
    staff.hidden = !me.is_staff || !FEATURES.admin;
    fill(myself, personFace(banter, me, 'small'), h('span', { class: 'bar-title' }, h('span', { class: 'my-name' }, me.name), h('span', { class: 'muted' }, `@${me.username}`)));
  }

  function draw() {
    scheduled = false;
    const query = filter.value.trim().toLowerCase();
    const rooms = banter.rooms.filter((room) => roomTitle(banter, room).toLowerCase().includes(query));
    arrange(list, rooms.map((room) => item(room)));
    const known = new Set(banter.rooms.map((room) => room.id));
    for (const id of items.keys()) if (!known.has(id)) items.delete(id);
    drawOthers(known);
    fill(note, rooms.length ? null : noteFor(query));
  }

  /** @param {string} query */
  function noteFor(query) {
    if (!banter.listed) return Array.from({ length: 5 }, () => h('div', { class: 'skeleton', 'aria-hidden': 'true' }));
    if (query) return h('p', { class: 'muted' }, 'None of your chats is called that.');
    return h(
      'div',
      { class: 'list-empty' },
      h('span', { class: 'placeholder-icon' }, icon('chat')),
      h('h2', {}, 'No chats yet'),
      h('p', { class: 'muted' }, 'Find somebody and say hello.'),
      h('button', { type: 'button', class: 'button primary', onclick: () => openNewRoom(banter) }, 'Start a chat'),
      h('a', { class: 'link', href: '#/browse' }, 'Look at public chats'),
    );
  }

  /** @param {Room} room */
  function item(room) {
    const title = roomTitle(banter, room);
    const unread = room.my?.unread_count ?? 0;
    const at = room.last_message?.created_at ?? room.last_activity_at ?? room.created_at;
    const time = listTime(at);
    const preview = previewText(room, banter.me?.id ?? null);
    const current = room.id === selected;
    const signature = JSON.stringify([title, unread, time, preview, current, room.my?.muted, room.staff_only, faceSignature(banter, room)]);
    const known = items.get(room.id);
    if (known?.signature === signature) return known.element;
    const link = h(
      'a',
      { class: 'room', href: `#/rooms/${room.id}`, testid: 'room-item', 'data-room-id': room.id, 'aria-current': current ? 'page' : null },
      roomFaceView(banter, room),
      h(
        'span',
        { class: 'room-text' },
        h('span', { class: 'room-top' }, room.staff_only ? icon('lock') : room.type === 'channel' && icon('channel'), h('span', { class: 'room-title' }, title), room.my?.muted && icon('muted'), h('time', { datetime: at }, time)),
        h(
          'span',
          { class: 'room-bottom' },
          h('span', { class: 'room-preview' }, preview),
          unread > 0 && h('span', { class: `badge ${room.my?.muted ? 'quiet' : ''}`, testid: 'room-unread', 'aria-label': `${unread} unread` }, unread > 99 ? '99+' : unread),
        ),
      ),
    );
    // The same list item stays, or focus would be lost on every message.
    const host = known?.element ?? h('li', {});
    const focused = host.contains(document.activeElement);
    fill(host, link);
    if (focused) link.focus();
    items.set(room.id, { element: host, signature });
    return host;
  }

  async function findPublic() {
    const query = filter.value.trim();
    const mine = ++latest;
    found = query ? await banter.publicRooms(query).catch(() => []) : [];
    if (mine === latest) draw();
  }

  /** @param {Set<string>} known */
  function drawOthers(known) {
    const rooms = filter.value.trim() ? found.filter((room) => !known.has(room.id)) : [];
    fill(
      others,
      rooms.length > 0 && h('h2', { class: 'section' }, 'Public chats'),
      rooms.map((room) =>
        h(
          'a',
          { class: 'room', href: `#/rooms/${room.id}`, testid: 'public-room', 'data-room-id': room.id },
          roomFaceView(banter, room),
          h(
            'span',
            { class: 'room-text' },
            h('span', { class: 'room-top' }, room.staff_only && icon('lock'), h('span', { class: 'room-title' }, room.name ?? '')),
            h('span', { class: 'room-bottom' }, h('span', { class: 'room-preview' }, plural(room.member_count, 'member', 'members'))),
          ),
        ),
      ),
    );
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const links = /** @type {HTMLElement[]} */ ([...list.querySelectorAll('a')]);
    const index = links.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    links[index + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
    event.preventDefault();
  }

  function schedule() {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(draw);
  }

  const stops = [
    banter.on('rooms', schedule),
    banter.on('presence', schedule),
    banter.on('people', () => {
      drawMyself();
      schedule();
    }),
  ];
  // "Yesterday" must come by itself.
  const clock = setInterval(schedule, 60_000);
  drawMyself();
  draw();
  return {
    element,
    /** @param {string} roomId */
    select(roomId) {
      selected = roomId;
      draw();
    },
    unmount() {
      for (const stop of stops) stop();
      clearInterval(clock);
      clearTimeout(timer);
    },
  };
}
