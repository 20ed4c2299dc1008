/** One line of a conversation: a bubble, a system message, a separator. Rebuilt when it changes. */

/** @import {Banter} from '../banter.js' */
/** @import {Draft, Message, Room} from '../banter/types.js' */
import { avatar, h, hue, icon, iconButton } from '../dom.js';
import { dayName, exactTime, linkParts, sameDay, systemText, timeOfDay } from '../words.js';

/** Messages of one person this close together are one group. */
const GROUP_MS = 5 * 60_000;

/**
 * @typedef {object} Line
 * @property {string} key Stays while a draft becomes a message.
 * @property {string} signature What it shows; equal means that the element may stay.
 * @property {() => HTMLElement} build
 */

/**
 * @typedef {object} Hooks
 * @property {(message: Message, button: HTMLElement) => void} openMenu
 * @property {(draft: Draft) => void} retry
 * @property {(draft: Draft) => void} discard
 */

/**
 * @param {Banter} banter
 * @param {Room} room
 * @param {number | null} unreadAfter Where the line "New" goes.
 * @param {Hooks} hooks
 * @returns {Line[]}
 */
export function conversationLines(banter, room, unreadAfter, hooks) {
  const messages = banter.messages(room.id);
  const arrived = new Set(messages.map((message) => message.client_id));
  const drafts = banter.drafts(room.id).filter((draft) => !arrived.has(draft.client_id));
  const myId = banter.me?.id ?? null;
  const now = new Date().toDateString();
  /** @type {Line[]} */
  const lines = [];
  const all = [...messages, ...drafts];
  let divided = unreadAfter === null;
  all.forEach((entry, index) => {
    const before = all[index - 1];
    if (!before || !sameDay(before.created_at, entry.created_at)) {
      lines.push({ key: `day ${entry.created_at.slice(0, 10)}`, signature: now, build: () => separator(dayName(entry.created_at), 'day') });
    }
    if (!divided && 'seq' in entry && entry.seq > (unreadAfter ?? 0) && entry.user && entry.user.id !== myId) {
      divided = true;
      lines.push({ key: 'unread', signature: '', build: () => separator('New messages', 'unread') });
    }
    const first = !grouped(before, entry, myId);
    const last = !grouped(entry, all[index + 1], myId);
    lines.push('state' in entry ? draftLine(entry, first, last, hooks) : messageLine(room, entry, myId, first, last, hooks));
  });
  return lines;
}

/**
 * @param {Message | Draft | undefined} one
 * @param {Message | Draft | undefined} next
 * @param {string | null} myId
 */
function grouped(one, next, myId) {
  if (!one || !next || !sameDay(one.created_at, next.created_at)) return false;
  const author = (/** @type {Message | Draft} */ entry) => ('state' in entry ? myId : entry.type === 'system' ? null : entry.user?.id);
  const [mine, theirs] = [author(one), author(next)];
  return Boolean(mine) && mine === theirs && Date.parse(next.created_at) - Date.parse(one.created_at) < GROUP_MS;
}

/**
 * @param {Room} room
 * @param {Message} message
 * @param {string | null} myId
 * @param {boolean} first
 * @param {boolean} last
 * @param {Hooks} hooks
 * @returns {Line}
 */
function messageLine(room, message, myId, first, last, hooks) {
  const mine = message.user?.id === myId;
  const key = mine && message.client_id ? `c ${message.client_id}` : `s ${message.seq}`;
  const named = !mine && first && room.type !== 'private_messages';
  const changeable = canEdit(room, message, myId) || canDelete(room, message, myId);
  const signature = JSON.stringify([message.version, message.type, message.text, first, last, changeable]);
  const data = { testid: 'message', 'data-seq': message.seq, 'data-type': message.type };
  if (message.type === 'system') {
    return { key, signature, build: () => h('li', { class: 'system', ...data }, h('span', {}, systemText(message.system, myId))) };
  }
  return {
    key,
    signature,
    build: () =>
      h(
        'li',
        { class: classes(mine, first, last, message.type), ...data },
        !mine && room.type !== 'private_messages' && h('span', { class: 'face' }, last && avatar(message.user?.id ?? '', message.user?.name ?? '?', 'tiny')),
        h(
          'div',
          { class: 'bubble' },
          named && h('div', { class: `author ${hue(message.user?.id ?? '')}` }, message.user?.name ?? 'Deleted user'),
          h('div', { class: 'text' }, message.type === 'deleted' ? 'Message deleted' : linked(message.text ?? '')),
          h(
            'span',
            { class: 'meta' },
            message.edited_at && message.type === 'regular' && 'edited ',
            h('time', { datetime: message.created_at, title: exactTime(message.created_at) }, timeOfDay(message.created_at)),
          ),
        ),
        message.type === 'regular' &&
          iconButton('more', 'Message actions', {
            class: 'message-menu', testid: 'message-menu', 'aria-haspopup': 'menu',
            onclick: (/** @type {Event} */ event) => hooks.openMenu(message, /** @type {HTMLElement} */ (event.currentTarget)),
          }),
      ),
  };
}

/**
 * @param {Draft} draft
 * @param {boolean} first
 * @param {boolean} last
 * @param {Hooks} hooks
 * @returns {Line}
 */
function draftLine(draft, first, last, hooks) {
  const failed = draft.state === 'failed';
  return {
    key: `c ${draft.client_id}`,
    signature: JSON.stringify([draft.state, first, last]),
    build: () =>
      h(
        'li',
        { class: classes(true, first, last, draft.state), testid: 'message', 'data-type': draft.state },
        h(
          'div',
          { class: 'bubble' },
          h('div', { class: 'text' }, linked(draft.text)),
          h('span', { class: 'meta' }, h('span', { class: 'visually-hidden' }, failed ? 'Not sent' : 'Sending'), icon(failed ? 'alert' : 'clock')),
        ),
        failed &&
          h(
            'div',
            { class: 'failed-actions' },
            h('span', {}, 'Not sent.'),
            h('button', { type: 'button', class: 'link', testid: 'message-retry', onclick: () => hooks.retry(draft) }, 'Try again'),
            h('button', { type: 'button', class: 'link', testid: 'message-discard', onclick: () => hooks.discard(draft) }, 'Discard'),
          ),
      ),
  };
}

/**
 * @param {boolean} mine
 * @param {boolean} first
 * @param {boolean} last
 * @param {string} state
 */
function classes(mine, first, last, state) {
  return ['message', mine ? 'mine' : 'theirs', first && 'first', last && 'last', state].filter(Boolean).join(' ');
}

/** @param {string} text @param {string} kind */
function separator(text, kind) {
  return h('li', { class: `separator ${kind}`, role: 'separator', 'aria-label': text }, h('span', {}, text));
}

/** @param {string} text */
function linked(text) {
  return linkParts(text).map((part) =>
    part.href ? h('a', { href: part.href, target: '_blank', rel: 'noopener noreferrer nofollow' }, part.text) : part.text);
}

/** @param {Room} room @param {Message} message @param {string | null} myId */
export function canEdit(room, message, myId) {
  const { can_edit_own_messages, can_edit_messages } = room.my?.permissions ?? {};
  return message.type === 'regular' && Boolean(message.user?.id === myId ? can_edit_own_messages : can_edit_messages);
}

/** @param {Room} room @param {Message} message @param {string | null} myId */
export function canDelete(room, message, myId) {
  const { can_delete_own_messages, can_delete_messages } = room.my?.permissions ?? {};
  return message.type === 'regular' && Boolean(message.user?.id === myId ? can_delete_own_messages : can_delete_messages);
}
