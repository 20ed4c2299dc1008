/** Faces of people and rooms: a picture if there is one, else initials; a dot for who is connected. */

/** @import {Banter} from '../banter.js' */
/** @import {Room} from '../banter/types.js' */
import { avatar, h } from '../dom.js';
import { roomFace, roomTitle } from '../words.js';

/** The size to ask for, in device pixels; the smallest thumbnail is larger than every face but the biggest. */
const FACE_PX = 200;

/**
 * @param {Banter} banter
 * @param {{id: string, name: string}} person
 * @param {string} [size]
 * @param {boolean} [dotted] Whether to show that they are connected.
 */
export function personFace(banter, { id, name }, size = '', dotted = false) {
  return face(banter, avatar(id, name, size), banter.pictureOf(id), dotted ? banter.presence.of(id) : null);
}

/**
 * @param {Banter} banter
 * @param {Room} room
 * @param {string} [size]
 */
export function roomFaceView(banter, room, size = '') {
  const peer = banter.peer(room);
  return face(banter, avatar(roomFace(banter, room), roomTitle(banter, room), size), roomPicture(banter, room), peer && banter.presence.of(peer.id));
}

/** The media id of the picture that stands for a room. @param {Banter} banter @param {Room} room */
export function roomPicture(banter, room) {
  const peer = banter.peer(room);
  return peer ? banter.pictureOf(peer.id) : (room.avatar_media_id ?? null);
}

/**
 * What a face shows, to be compared with what it showed before.
 *
 * @param {Banter} banter
 * @param {Room} room
 */
export function faceSignature(banter, room) {
  const peer = banter.peer(room);
  return [roomFace(banter, room), roomPicture(banter, room), peer && banter.presence.of(peer.id)];
}

/**
 * @param {Banter} banter
 * @param {HTMLElement} initials
 * @param {string | null} picture
 * @param {boolean | null} online
 */
function face(banter, initials, picture, online) {
  if (online) initials.append(h('span', { class: 'dot', testid: 'online' }));
  if (picture) {
    const known = banter.media.peek(picture);
    if (known) show(initials, known);
    else banter.media.find(picture).then((media) => show(initials, media), () => {});
  }
  return initials;
}

/** @param {HTMLElement} host @param {import('../banter/types.js').Media} media */
function show(host, { url, thumbnails = [] }) {
  const source = thumbnails.find(({ width, height }) => Math.min(width, height) >= FACE_PX)?.url ?? thumbnails.at(-1)?.url ?? url;
  if (!source) return;
  // Over the initials: they stay if it does not load.
  host.prepend(h('img', { src: source, alt: '', onerror: (/** @type {Event} */ event) => /** @type {HTMLElement} */ (event.target).remove() }));
}
