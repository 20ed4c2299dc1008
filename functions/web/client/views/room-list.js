/** My chats, latest first, and a box that filters them and finds public ones. */

/** @import {Banter} from '../banter.js' */
/** @import {Room} from '../banter/types.js' */
import { arrange, avatar, fill, h, icon, iconButton } from '../dom.js';
import { listTime, plural, previewText, roomFace, roomTitle } from '../words.js';
import { openNewRoom } from './new-room.js';

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
  const me = banter.me;
  const element = h(
    'nav',
    { class: 'list', 'aria-label': 'Chats' },
    h(
      'header',
      { class: 'bar' },
      avatar(me?.id ?? '', me?.name ?? '', 'small'),
      h('div', { class: 'bar-title' }, h('h1', {}, me?.name ?? ''), h('p', { class: 'muted' }, `@${me?.username ?? ''}`)),
      iconButton('leave', 'Sign out', { testid: 'sign-out', onclick: () => banter.signOut() }),
      iconButton('compose', 'New chat', { testid: 'new-room', class: 'accent', onclick: () => openNewRoom(banter) }),
    ),
    h('div', { class: 'search' }, icon('search'), filter),
    h('div', { class: 'list-scroll' }, list, note, others),
  );

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
    const signature = JSON.stringify([title, unread, time, preview, current, roomFace(banter, room)]);
    const known = items.get(room.id);
    if (known?.signature === signature) return known.element;
    const link = h(
      'a',
      { class: 'room', href: `#/rooms/${room.id}`, testid: 'room-item', 'data-room-id': room.id, 'aria-current': current ? 'page' : null },
      avatar(roomFace(banter, room), title),
      h(
        'span',
        { class: 'room-text' },
        h('span', { class: 'room-top' }, room.type === 'channel' && icon('channel'), h('span', { class: 'room-title' }, title), h('time', { datetime: at }, time)),
        h(
          'span',
          { class: 'room-bottom' },
          h('span', { class: 'room-preview' }, preview),
          unread > 0 && h('span', { class: 'badge', testid: 'room-unread', 'aria-label': `${unread} unread` }, unread > 99 ? '99+' : unread),
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
          avatar(room.id, room.name ?? ''),
          h(
            'span',
            { class: 'room-text' },
            h('span', { class: 'room-top' }, h('span', { class: 'room-title' }, room.name ?? '')),
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

  const stop = banter.on('rooms', schedule);
  // "Yesterday" must come by itself.
  const clock = setInterval(schedule, 60_000);
  draw();
  return {
    element,
    /** @param {string} roomId */
    select(roomId) {
      selected = roomId;
      draw();
    },
    unmount() {
      stop();
      clearInterval(clock);
      clearTimeout(timer);
    },
  };
}
