/** One line of a conversation: a bubble, a system message, a separator. Rebuilt when it changes. */

/** @import {Banter} from '../banter.js' */
/** @import {Draft, Message, Room} from '../banter/types.js' */
import { h, hue, icon, iconButton } from '../dom.js';
import { FEATURES } from '../features.js';
import { dayName, exactTime, linkParts, mediaText, sameDay, systemText, timeOfDay } from '../words.js';
import { personFace } from './face.js';
import { mediaView } from './message-media.js';
import { reactionChips } from './reactions.js';

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
 * @property {(message: Message, button: HTMLElement) => void} openReactions
 * @property {(message: Message, reaction: string, wanted: boolean) => void} react
 * @property {(seq: number) => void} jumpTo
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
  // What is being sent belongs after the newest, which may not be what is shown.
  const drafts = banter.window(room.id).foundNewest ? banter.drafts(room.id).filter((draft) => !arrived.has(draft.client_id)) : [];
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
    lines.push('state' in entry ? draftLine(banter, entry, first, last, hooks) : messageLine(banter, room, entry, first, last, hooks));
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
 * @param {Banter} banter
 * @param {Room} room
 * @param {Message} message
 * @param {boolean} first
 * @param {boolean} last
 * @param {Hooks} hooks
 * @returns {Line}
 */
function messageLine(banter, room, message, first, last, hooks) {
  const myId = banter.me?.id ?? null;
  const { user, type, text, media = [], reactions = [] } = message;
  const mine = user?.id === myId;
  const key = mine && message.client_id ? `c ${message.client_id}` : `s ${message.seq}`;
  const alone = room.type === 'private_messages';
  const named = !mine && first && !alone;
  const quoted = type === 'regular' && message.reply_to_seq ? banter.quoted(room.id, message.reply_to_seq) : null;
  const faced = !mine && !alone && last;
  const signature = JSON.stringify([
    message.version, type, text, first, last, media, reactions, canEdit(room, message, myId), canDelete(room, message, myId),
    quoted && [quoted.version, quoted.type], faced && banter.pictureOf(user?.id),
  ]);
  const data = { testid: 'message', 'data-seq': message.seq, 'data-type': type };
  if (type === 'system') {
    return { key, signature, build: () => h('li', { class: 'system', ...data }, h('span', {}, systemText(message.system, myId))) };
  }
  const deleted = type === 'deleted';
  return {
    key,
    signature,
    build: () =>
      h(
        'li',
        { class: classes(mine, first, last, type), ...data },
        !mine && !alone && h('span', { class: 'face' }, faced && personFace(banter, { id: user?.id ?? '', name: user?.name ?? '?' }, 'tiny')),
        h(
          'div',
          { class: 'message-body' },
          h(
            'div',
            { class: `bubble ${media.length && !text ? 'media-only' : ''}` },
            named && h('div', { class: `author ${hue(user?.id ?? '')}` }, user?.name ?? 'Deleted user'),
            !deleted && message.reply_to_seq && quote(message.reply_to_seq, quoted, myId, hooks),
            media.length > 0 && mediaView(banter, media),
            (deleted || text) && h('div', { class: 'text' }, deleted ? 'Message deleted' : linked(text ?? '')),
            h(
              'span',
              { class: 'meta' },
              message.edited_at && !deleted && 'edited ',
              h('time', { datetime: message.created_at, title: exactTime(message.created_at) }, timeOfDay(message.created_at)),
            ),
          ),
          !deleted && reactionChips(message, hooks),
        ),
        !deleted &&
          h(
            'span',
            { class: 'message-tools' },
            FEATURES.reactions && iconButton('smile', 'React', {
              class: 'message-react', testid: 'message-react', 'aria-haspopup': 'dialog', tabindex: -1,
              onclick: (/** @type {Event} */ event) => hooks.openReactions(message, /** @type {HTMLElement} */ (event.currentTarget)),
            }),
            iconButton('more', 'Message actions', {
              class: 'message-menu', testid: 'message-menu', 'aria-haspopup': 'menu',
              onclick: (/** @type {Event} */ event) => hooks.openMenu(message, /** @type {HTMLElement} */ (event.currentTarget)),
            }),
          ),
      ),
  };
}

/**
 * @param {number} seq
 * @param {Message | null} quoted
 * @param {string | null} myId
 * @param {Hooks} hooks
 */
function quote(seq, quoted, myId, hooks) {
  return h(
    'button',
    { type: 'button', class: `quote ${hue(quoted?.user?.id ?? '')}`, testid: 'message-quote', 'data-seq-quoted': seq, 'aria-label': 'Go to the quoted message', onclick: () => hooks.jumpTo(seq) },
    h('strong', {}, !quoted ? 'Message' : quoted.user?.id === myId ? 'You' : (quoted.user?.name ?? 'Deleted user')),
    h('span', {}, quoteText(quoted)),
  );
}

/** @param {Message | null} message */
export function quoteText(message) {
  if (!message) return '…';
  if (message.type === 'deleted') return 'Message deleted';
  return message.text || mediaText(message.media?.length ?? 0);
}

/**
 * @param {Banter} banter
 * @param {Draft} draft
 * @param {boolean} first
 * @param {boolean} last
 * @param {Hooks} hooks
 * @returns {Line}
 */
function draftLine(banter, draft, first, last, hooks) {
  const failed = draft.state === 'failed';
  const { media = [], reply_to_seq: answered } = draft;
  const quoted = answered ? banter.quoted(draft.room_id, answered) : null;
  return {
    key: `c ${draft.client_id}`,
    signature: JSON.stringify([draft.state, first, last]),
    build: () =>
      h(
        'li',
        { class: classes(true, first, last, draft.state), testid: 'message', 'data-type': draft.state },
        h(
          'div',
          { class: 'message-body' },
          h(
            'div',
            { class: `bubble ${media.length && !draft.text ? 'media-only' : ''}` },
            answered && quote(answered, quoted, banter.me?.id ?? null, hooks),
            media.length > 0 && mediaView(banter, media),
            draft.text && h('div', { class: 'text' }, linked(draft.text)),
            h('span', { class: 'meta' }, h('span', { class: 'visually-hidden' }, failed ? 'Not sent' : 'Sending'), icon(failed ? 'alert' : 'clock')),
          ),
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
