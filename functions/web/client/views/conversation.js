/** One chat: its head, its messages, and where one writes. */

/** @import {Banter} from '../banter.js' */
/** @import {Message} from '../banter/types.js' */
import { fill, h, icon } from '../dom.js';
import { FEATURES } from '../features.js';
import { plural, refusalText, roomTitle, TYPE_NAMES } from '../words.js';
import { composerView } from './composer.js';
import { roomFaceView } from './face.js';
import { confirmAction, toast } from './feedback.js';
import { openMenu } from './message-menu.js';
import { canDelete, canEdit, conversationLines } from './message.js';
import { openReactionPicker } from './reactions.js';
import { scroller } from './scroller.js';

/** How long the head says that somebody came or went. */
const NOTICE_MS = 4_000;

/**
 * @param {Banter} banter
 * @param {string} roomId
 */
export function conversationView(banter, roomId) {
  const my = banter.room(roomId)?.my;
  /** Fixed while the chat is open: the line must not run away from what one is reading. */
  const unreadAfter = my && my.unread_count > 0 ? my.last_read_seq : null;
  /** @type {Map<string, {name: string | null, timer: any}>} */
  const typing = new Map();
  let opened = false;
  let failed = '';
  let notice = '';
  /** @type {any} */
  let noticeTimer = null;
  let scheduled = false;

  const head = h('header', { class: 'bar' });
  const composer = composerView(banter, roomId, {
    onSent: toNewest,
    lastOwn: () => banter.messages(roomId).findLast((message) => mayEdit(message) && message.user?.id === banter.me?.id) ?? null,
  });
  const feed = scroller({ onTop: () => loadMore(banter.loadOlder(roomId)), onBottom: () => loadMore(banter.loadNewer(roomId)), onNewest: () => banter.lookAtNewest(roomId), onSeen: markRead });
  const element = h('section', { class: 'conversation', 'aria-label': 'Conversation', ...composer.dropTarget }, head, feed.element, composer.element);

  function drawHead() {
    const room = banter.room(roomId);
    if (!room) return;
    const title = roomTitle(banter, room);
    const names = [...typing.values()].map(({ name }) => name ?? 'Someone');
    fill(
      head,
      h('a', { class: 'icon-button back', href: '#/', testid: 'back', 'aria-label': 'Back to chats', title: 'Back to chats' }, icon('back')),
      roomFaceView(banter, room, 'small'),
      h(
        'div',
        { class: 'bar-title' },
        h('h1', { testid: 'room-title' }, room.staff_only && icon('lock'), title),
        h(
          'p',
          { class: names.length ? 'typing' : 'muted', testid: 'room-status', 'aria-live': 'polite' },
          names.length === 1 ? `${names[0]} is typing…`
          : names.length ? `${names.length} people are typing…`
          : notice || subtitle(room),
        ),
      ),
      h('a', {
        class: 'icon-button', href: location.hash.endsWith('/details') ? `#/rooms/${roomId}` : `#/rooms/${roomId}/details`,
        testid: 'room-details', 'aria-label': 'Chat details', title: 'Chat details',
      }, icon('info')),
    );
    composer.allow(room.my?.permissions.can_create_messages ?? false);
  }

  /** @param {import('../banter/types.js').Room} room */
  function subtitle(room) {
    if (room.type !== 'private_messages') return `${TYPE_NAMES[room.type]} · ${plural(room.member_count, 'member', 'members')}`;
    return banter.presence.of(banter.peer(room)?.id) ? 'Online' : TYPE_NAMES[room.type];
  }

  function draw() {
    scheduled = false;
    const room = banter.room(roomId);
    if (!room) return;
    const { loaded, foundOldest, foundNewest } = banter.window(roomId);
    // A reset dropped the messages, or there was no network yet.
    if (!loaded && !failed) open();
    feed.draw(conversationLines(banter, room, unreadAfter, hooks), {
      loaded, foundOldest, foundNewest,
      note: failed ? [h('p', {}, failed), h('button', { type: 'button', class: 'button', onclick: retryOpen }, 'Try again')] : null,
    });
    if (loaded && !opened) {
      opened = true;
      feed.start();
    }
    feed.check();
  }

  function schedule() {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(draw);
  }

  async function open() {
    try {
      await banter.openRoom(roomId);
    } catch (error) {
      failed = refusalText(error);
      schedule();
    }
  }

  function enter() {
    if (FEATURES.presence) banter.enter(roomId);
  }

  function retryOpen() {
    failed = '';
    schedule();
  }

  /** @param {Promise<void>} loading */
  async function loadMore(loading) {
    try {
      await loading;
    } catch (error) {
      toast(refusalText(error), 'error');
    }
  }

  function toNewest() {
    banter.lookAtNewest(roomId);
    draw();
    feed.toEnd();
  }

  /** @param {number} seq */
  async function jumpTo(seq) {
    try {
      await banter.lookAround(roomId, seq);
      draw();
      feed.reveal(seq);
    } catch (error) {
      toast(refusalText(error), 'error');
    }
  }

  /** @param {Message} message @param {string} reaction @param {boolean} wanted */
  function react(message, reaction, wanted) {
    banter.react(roomId, message.seq, reaction, wanted).catch((error) => toast(refusalText(error), 'error'));
  }

  function markRead() {
    if (opened && document.visibilityState === 'visible') banter.markRead(roomId);
  }

  /** @param {Message} message */
  function mayEdit(message) {
    const room = banter.room(roomId);
    return room !== null && canEdit(room, message, banter.me?.id ?? null);
  }

  const hooks = {
    /** @param {Message} message @param {HTMLElement} button */
    openMenu(message, button) {
      const room = banter.room(roomId);
      if (!room) return;
      const myId = banter.me?.id ?? null;
      const may = room.my?.permissions.can_create_messages ?? false;
      openMenu(button, [
        ...(may ? [{ label: 'Reply', icon: /** @type {const} */ ('reply'), testid: 'message-reply', run: () => composer.reply(message) }] : []),
        ...(FEATURES.reactions ? [{ label: 'React', icon: /** @type {const} */ ('smile'), testid: 'message-react-menu', run: () => hooks.openReactions(message, button) }] : []),
        ...(message.text ? [{ label: 'Copy text', icon: /** @type {const} */ ('copy'), testid: 'message-copy', run: () => copy(message.text ?? '') }] : []),
        ...(mayEdit(message) ? [{ label: 'Edit', icon: /** @type {const} */ ('compose'), testid: 'message-edit', run: () => composer.edit(message) }] : []),
        ...(canDelete(room, message, myId) ? [{ label: 'Delete', icon: /** @type {const} */ ('trash'), testid: 'message-delete', danger: true, run: () => remove(message) }] : []),
      ]);
    },
    /** @param {Message} message @param {HTMLElement} button */
    openReactions(message, button) {
      const mine = new Set((message.reactions ?? []).filter((one) => one.mine).map((one) => one.reaction));
      openReactionPicker(button, (reaction) => react(message, reaction, !mine.has(reaction)));
    },
    react,
    jumpTo,
    /** @param {{client_id: string}} draft */
    retry: (draft) => banter.retry(draft.client_id),
    /** @param {{client_id: string}} draft */
    discard: (draft) => banter.discard(draft.client_id),
  };

  /** @param {Message} message */
  async function remove(message) {
    const sure = await confirmAction({ title: 'Delete message?', text: 'It disappears for everybody in this chat.', action: 'Delete' });
    if (sure) await banter.deleteMessage(roomId, message.seq).catch((error) => toast(refusalText(error), 'error'));
  }

  const stops = [
    banter.on('timeline', ({ room_id }) => room_id === roomId && schedule()),
    banter.on('room', ({ room }) => {
      if (room.id !== roomId) return;
      drawHead();
      schedule();
    }),
    banter.on('state', ({ state }) => {
      if (state !== 'online') return;
      enter();
      if (failed) retryOpen();
    }),
    banter.on('people', () => {
      drawHead();
      schedule();
    }),
    banter.on('presence', ({ user_id }) => {
      const room = banter.room(roomId);
      if (room && banter.peer(room)?.id === user_id) drawHead();
    }),
    banter.on('notice', ({ room_id, user_id, name, kind }) => {
      if (room_id !== roomId || user_id === banter.me?.id) return;
      notice = `${name} ${kind === 'entered' ? 'is here' : 'left'}`;
      clearTimeout(noticeTimer);
      noticeTimer = setTimeout(() => { notice = ''; drawHead(); }, NOTICE_MS);
      drawHead();
    }),
    banter.on('typing', ({ room_id, user_id, name, expires_in_ms }) => {
      if (room_id === roomId) setTyping(user_id, name, expires_in_ms);
    }),
    banter.on('message', ({ room_id, message, kind }) => {
      if (room_id === roomId && kind === 'created' && message.user) setTyping(message.user.id, null, 0);
    }),
  ];

  /**
   * @param {string} userId
   * @param {string | null} name
   * @param {number} ms
   */
  function setTyping(userId, name, ms) {
    const known = typing.get(userId);
    if (!ms && !known) return;
    clearTimeout(known?.timer);
    if (ms) typing.set(userId, { name, timer: setTimeout(() => setTyping(userId, null, 0), ms) });
    else typing.delete(userId);
    drawHead();
  }

  document.addEventListener('visibilitychange', feed.check);
  window.addEventListener('hashchange', drawHead);
  drawHead();
  draw();
  if (banter.state === 'online') enter();
  // On a phone the keyboard would cover what one came to read.
  if (matchMedia('(hover: hover)').matches) requestAnimationFrame(composer.focus);

  return {
    element,
    unmount() {
      document.removeEventListener('visibilitychange', feed.check);
      window.removeEventListener('hashchange', drawHead);
      for (const stop of stops) stop();
      for (const { timer } of typing.values()) clearTimeout(timer);
      clearTimeout(noticeTimer);
      feed.unmount();
      composer.unmount();
    },
  };
}

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast('Copied.');
  } catch {
    toast('Copying is not allowed here.', 'error');
  }
}
