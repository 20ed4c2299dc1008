/** The frame of the chat: list, conversation, details; on a phone one of them at a time. */

/** @import {Banter} from '../banter.js' */
import { fill, h, icon } from '../dom.js';
import { roomTitle } from '../words.js';
import { adminView } from './admin.js';
import { browseView } from './browse.js';
import { conversationView } from './conversation.js';
import { detailsView } from './details.js';
import { connectionBanner } from './connection.js';
import { roomListView } from './room-list.js';
import { openNewRoom } from './new-room.js';
import { strangerView } from './stranger.js';

/** @typedef {{element: HTMLElement, unmount: () => void}} View */

/** @param {Banter} banter @returns {View} */
export function shellView(banter) {
  const list = roomListView(banter);
  const banner = connectionBanner(banter);
  const middle = h('main', { class: 'middle' });
  const side = h('aside', { class: 'side', 'aria-label': 'Chat details' });
  const element = h('div', { class: 'shell' }, h('div', { class: 'left' }, banner.element, list.element), middle, side);
  /** @type {View | null} */
  let conversation = null;
  /** @type {View | null} */
  let details = null;
  /** What is mounted, so that going to details and back keeps the conversation. @type {string} */
  let shown = '';

  function route() {
    const [, roomId = '', part = ''] = /^#\/rooms\/([^/]+)(?:\/(\w+))?/.exec(location.hash) ?? [];
    const room = roomId ? banter.room(roomId) : null;
    const page = /^#\/(admin|browse)$/.exec(location.hash)?.[1] ?? '';
    // Somebody may become staff, or be staff no more, while the page is open.
    const kind = page ? `page ${page} ${banter.me?.is_staff}` : !roomId ? 'empty' : room ? `room ${roomId}` : banter.listed ? `stranger ${roomId}` : 'waiting';
    if (kind !== shown) {
      shown = kind;
      conversation?.unmount();
      conversation = page === 'admin' ? adminView(banter) : page ? browseView(banter) : room ? conversationView(banter, roomId) : null;
      fill(middle, conversation?.element ?? (kind.startsWith('stranger') ? strangerView(banter, roomId) : roomId ? loading() : empty(banter)));
    }
    const wantsDetails = room !== null && part === 'details';
    details?.unmount();
    details = wantsDetails ? detailsView(banter, roomId) : null;
    fill(side, details?.element);
    element.dataset.pane = wantsDetails ? 'details' : roomId || page ? 'room' : 'list';
    list.select(roomId);
    retitle();
  }

  function retitle() {
    const unread = banter.rooms.reduce((sum, room) => sum + (room.my?.muted ? 0 : (room.my?.unread_count ?? 0)), 0);
    const [, roomId = ''] = /^#\/rooms\/([^/]+)/.exec(location.hash) ?? [];
    const room = banter.room(roomId);
    document.title = `${unread ? `(${unread}) ` : ''}${room ? `${roomTitle(banter, room)} · ` : ''}Banter`;
  }

  function onRooms() {
    const [, roomId = ''] = /^#\/rooms\/([^/]+)/.exec(location.hash) ?? [];
    // The room of the address may have come, or the answer that there is none.
    if (roomId && shown !== `room ${roomId}` && (banter.room(roomId) || (banter.listed && shown === 'waiting'))) route();
    retitle();
  }

  const stops = [
    banter.on('rooms', onRooms),
    banter.on('people', () => shown.startsWith('page') && route()),
    banter.on('removed', ({ room_id }) => {
      if (shown === `room ${room_id}`) location.hash = '#/';
    }),
  ];
  window.addEventListener('hashchange', route);
  route();

  return {
    element,
    unmount() {
      window.removeEventListener('hashchange', route);
      for (const stop of stops) stop();
      for (const view of [list, banner, conversation, details]) view?.unmount();
    },
  };
}

function loading() {
  return h('div', { class: 'loading', role: 'status', 'aria-label': 'Loading' });
}

/** @param {Banter} banter */
function empty(banter) {
  return h(
    'div',
    { class: 'placeholder' },
    h('span', { class: 'placeholder-icon' }, icon('chat')),
    h('h2', {}, 'Your messages'),
    h('p', { class: 'muted' }, 'Choose a chat, or start a new one.'),
    h('button', { type: 'button', class: 'button primary', onclick: () => openNewRoom(banter) }, 'New chat'),
  );
}
