/** Everything the page says that depends on data: titles, system messages, times, refusals. */

/** @import {Banter} from './banter.js' */
/** @import {Room, RoomType, SystemNote, UserRef} from './banter/types.js' */

/** @type {Record<RoomType, string>} */
export const TYPE_NAMES = { private_messages: 'Private chat', group: 'Group', channel: 'Channel' };

/**
 * @param {Banter} banter
 * @param {Room} room
 */
export function roomTitle(banter, room) {
  if (room.name) return room.name;
  return banter.peer(room)?.name ?? TYPE_NAMES[room.type];
}

/** The id whose colour stands for the room. @param {Banter} banter @param {Room} room */
export function roomFace(banter, room) {
  return banter.peer(room)?.id ?? room.id;
}

/**
 * @param {SystemNote | null | undefined} system
 * @param {string | null} myId
 */
export function systemText(system, myId) {
  if (!system) return 'The chat changed';
  const { actor, user, name } = system.params ?? {};
  const who = (/** @type {UserRef | null | undefined} */ person, /** @type {string} */ you) =>
    !person ? 'Someone' : person.id === myId ? you : person.name;
  switch (system.code) {
    case 'room_created':
      return `${who(actor, 'You')} created ${name ? `“${name}”` : 'this chat'}`;
    case 'member_added':
      return `${who(actor, 'You')} added ${who(user, 'you')}`;
    case 'member_joined':
      return `${who(user ?? actor, 'You')} joined`;
    case 'member_left':
      return `${who(user ?? actor, 'You')} left`;
    case 'member_removed':
      return `${who(actor, 'You')} removed ${who(user, 'you')}`;
    case 'room_updated':
      return name ? `${who(actor, 'You')} renamed the chat to “${name}”` : `${who(actor, 'You')} changed the chat`;
    default:
      return 'The chat changed';
  }
}

/** Stands for a message that has no words. @param {number} count */
export function mediaText(count) {
  return count > 1 ? `${count} attachments` : count ? 'Attachment' : '';
}

/** @param {number} bytes */
export function fileSize(bytes) {
  if (bytes < 1_000) return `${bytes} B`;
  const [size, unit] = bytes < 1_000_000 ? [bytes / 1_000, 'kB'] : [bytes / 1_000_000, 'MB'];
  return `${size.toLocaleString(undefined, { maximumFractionDigits: size < 10 ? 1 : 0 })} ${unit}`;
}

/**
 * One line for the list.
 *
 * @param {Room} room
 * @param {string | null} myId
 */
export function previewText(room, myId) {
  const last = room.last_message;
  if (!last) return room.description || 'No messages yet';
  const text = last.type === 'deleted' ? 'Message deleted' : last.text?.replace(/\s+/g, ' ') || mediaText(last.media_count ?? 0);
  if (last.user?.id === myId) return `You: ${text}`;
  return room.type === 'private_messages' || !last.user ? text : `${last.user.name}: ${text}`;
}

const clockTime = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const shortDate = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const longDate = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const fullDate = new Intl.DateTimeFormat(undefined, { dateStyle: 'long' });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });

/** @param {string} at */
export function timeOfDay(at) {
  return clockTime.format(new Date(at));
}

/** @param {string} at */
export function exactTime(at) {
  return exact.format(new Date(at));
}

/** @param {Date} date */
function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** @param {string} at */
function daysAgo(at) {
  // Rounded: a day with a change of clocks has 23 or 25 hours.
  return Math.round((midnight(new Date()) - midnight(new Date(at))) / 86_400_000);
}

/** @param {string} at */
export function listTime(at) {
  const days = daysAgo(at);
  if (days <= 0) return timeOfDay(at);
  if (days === 1) return 'Yesterday';
  return (days < 7 ? weekday : shortDate).format(new Date(at));
}

/** @param {string} at */
export function dayName(at) {
  const days = daysAgo(at);
  if (days <= 0) return 'Today';
  if (days === 1) return 'Yesterday';
  return (days < 300 ? longDate : fullDate).format(new Date(at));
}

/** @param {string} one @param {string} other */
export function sameDay(one, other) {
  return midnight(new Date(one)) === midnight(new Date(other));
}

/** @param {number} count @param {string} one @param {string} many */
export function plural(count, one, many) {
  return `${count.toLocaleString()} ${count === 1 ? one : many}`;
}

/** @type {Record<string, string>} */
const REFUSALS = {
  network: 'Cannot reach the server. Check your connection.',
  timeout: 'The server took too long to answer.',
  unauthenticated: 'Please sign in again.',
  signed_out: 'Please sign in again.',
  forbidden: 'You are not allowed to do that.',
  wrong_password: 'That is not your current password.',
  room_access_denied: 'You have no access to this chat.',
  room_type_forbids: 'This kind of chat does not allow that.',
  staff_only: 'This is for staff only.',
  account_banned: 'This account is banned. Ask whoever runs this chat.',
  room_not_found: 'This chat does not exist any more.',
  message_not_found: 'This message does not exist any more.',
  member_not_found: 'This person is not in the chat any more.',
  user_not_found: 'There is no such person.',
  already_member: 'Already a member.',
  last_owner: 'You are the last owner. Make somebody else an owner first.',
  username_taken: 'That username is taken.',
  media_not_found: 'This file is not there any more.',
  media_not_ready: 'This file is not ready yet. Try again in a moment.',
  media_rejected: 'This kind of file is not accepted.',
  upload_refused: 'The upload was refused.',
  reaction_not_allowed: 'This reaction cannot be used here.',
  version_mismatch: 'Somebody changed this meanwhile. Try again.',
  message_too_large: 'This message is too long.',
  rate_limited: 'Too fast. Wait a moment and try again.',
  unavailable: 'The server is busy. Try again in a moment.',
  internal: 'Something went wrong on the server.',
};

/** @param {unknown} error A caught value. */
export function refusalText(error) {
  const { code = '', message = '' } = /** @type {{code?: string, message?: string}} */ (error ?? {});
  return REFUSALS[code] ?? (message || 'Something went wrong.');
}

/** As the server counts: by code points, so that an emoji is not two. @param {string} text */
export function countCharacters(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

const LINK = /https?:\/\/[^\s<>"]+/gi;

/**
 * Splits text into plain parts and links. Only http and https: `javascript:` must never be one.
 *
 * @param {string} text
 * @returns {{text: string, href: string | null}[]}
 */
export function linkParts(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    // Punctuation after a link belongs to the sentence, unless it closes a bracket of the link.
    let link = match[0].replace(/[.,:;!?'”’]+$/, '');
    if (link.endsWith(')') && !link.includes('(')) link = link.slice(0, -1);
    if (!URL.canParse(link)) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index), href: null });
    parts.push({ text: link, href: link });
    end = match.index + link.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), href: null });
  return parts;
}
