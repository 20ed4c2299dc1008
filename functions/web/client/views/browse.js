/** Chats that anybody may find: public ones to join, and those for staff, with a lock. */

/** @import {Banter} from '../banter.js' */
/** @import {Room} from '../banter/types.js' */
import { fill, h, icon } from '../dom.js';
import { plural, refusalText, TYPE_NAMES } from '../words.js';
import { roomFaceView } from './face.js';
import { toast } from './feedback.js';

const SEARCH_MS = 250;

/** @param {Banter} banter */
export function browseView(banter) {
  let latest = 0;
  /** @type {any} */
  let timer = null;
  /** @type {Room[] | null} */
  let found = null;
  const list = h('div', { class: 'page-list' });
  const query = h('input', {
    type: 'search', class: 'search-input', testid: 'browse-search', placeholder: 'Search by name', 'aria-label': 'Search public chats', autocomplete: 'off',
    oninput: () => {
      clearTimeout(timer);
      timer = setTimeout(search, SEARCH_MS);
    },
  });

  async function search() {
    const mine = ++latest;
    try {
      const rooms = await banter.publicRooms(query.value.trim());
      if (mine !== latest) return;
      found = rooms;
      draw();
    } catch (error) {
      if (mine !== latest) return;
      fill(list, h('p', { class: 'feed-note muted' }, refusalText(error), h('button', { type: 'button', class: 'button', onclick: search }, 'Try again')));
    }
  }

  function draw() {
    if (!found) return;
    fill(
      list,
      found.length === 0 && h('p', { class: 'feed-note muted' }, query.value.trim() ? 'No public chat is called that.' : 'There are no public chats yet.'),
      found.length > 0 && h('ul', { 'aria-label': 'Public chats' }, found.map(row)),
    );
  }

  /** @param {Room} room */
  function row(room) {
    const mine = banter.room(room.id) !== null;
    const shut = room.staff_only && !banter.me?.is_staff;
    const about = [TYPE_NAMES[room.type], plural(room.member_count, 'member', 'members'), room.staff_only && 'Staff only'].filter(Boolean).join(' · ');
    return h(
      'li',
      { class: 'page-row', testid: 'public-room', 'data-room-id': room.id },
      roomFaceView(banter, room),
      h('span', { class: 'people-name' }, h('span', {}, room.staff_only && icon('lock'), room.name ?? TYPE_NAMES[room.type]), h('span', { class: 'muted' }, about), room.description && h('span', { class: 'muted clamp' }, room.description)),
      mine
        ? h('a', { class: 'button', href: `#/rooms/${room.id}` }, 'Open')
        : h('button', { type: 'button', class: `button ${shut ? '' : 'primary'}`, testid: 'public-join', 'aria-label': `Join ${room.name ?? ''}`, onclick: () => join(room) }, shut ? icon('lock') : 'Join'),
    );
  }

  /** @param {Room} room */
  async function join(room) {
    try {
      await banter.joinRoom(room.id);
      location.hash = `#/rooms/${room.id}`;
    } catch (error) {
      const shut = /** @type {{code?: string}} */ (error).code === 'staff_only';
      toast(shut ? `“${room.name}” is for staff only. Ask a member of staff if you need something from there.` : refusalText(error), 'error');
    }
  }

  fill(list, h('div', { class: 'loading', role: 'status', 'aria-label': 'Loading' }));
  search();
  const stops = [banter.on('rooms', draw)];
  return {
    element: h(
      'section',
      { class: 'page', 'aria-label': 'Public chats' },
      h(
        'header',
        { class: 'bar' },
        h('a', { class: 'icon-button back', href: '#/', testid: 'back', 'aria-label': 'Back to chats', title: 'Back to chats' }, icon('back')),
        h('div', { class: 'bar-title' }, h('h1', {}, 'Public chats')),
      ),
      h('div', { class: 'page-body' }, h('div', { class: 'search' }, icon('search'), query), list),
    ),
    unmount() {
      clearTimeout(timer);
      for (const stop of stops) stop();
    },
  };
}
