/** An address of a chat that is not mine: join it if it is public, or say that there is none. */

/** @import {Banter} from '../banter.js' */
import { fill, h, icon } from '../dom.js';
import { plural, refusalText, TYPE_NAMES } from '../words.js';
import { roomFaceView } from './face.js';
import { toast } from './feedback.js';

/**
 * @param {Banter} banter
 * @param {string} roomId
 */
export function strangerView(banter, roomId) {
  const page = h('div', { class: 'placeholder' }, h('div', { class: 'loading', role: 'status', 'aria-label': 'Loading' }));
  const back = h('a', { class: 'button', href: '#/', testid: 'back' }, 'Back to chats');

  async function join() {
    try {
      await banter.joinRoom(roomId);
    } catch (error) {
      toast(refusalText(error), 'error');
    }
  }

  banter.lookUpRoom(roomId).then(
    (room) =>
      fill(
        page,
        roomFaceView(banter, room, 'huge'),
        h('h2', {}, room.staff_only && icon('lock'), room.name ?? TYPE_NAMES[room.type]),
        h('p', { class: 'muted' }, `${TYPE_NAMES[room.type]} · ${plural(room.member_count, 'member', 'members')}`),
        room.description && h('p', {}, room.description),
        h('div', { class: 'row' }, back, h('button', { type: 'button', class: 'button primary', testid: 'join-room', onclick: join }, 'Join')),
      ),
    (error) =>
      fill(
        page,
        h('span', { class: 'placeholder-icon' }, icon(error.code === 'staff_only' ? 'lock' : 'alert')),
        h('h2', {}, error.code === 'staff_only' ? 'For staff' : 'Not here'),
        h('p', { class: 'muted' }, error.code === 'staff_only' ? 'This chat is for staff only. Ask a member of staff if you need something from there.' : error.status === 404 ? 'This chat does not exist, or you are not in it.' : refusalText(error)),
        back,
      ),
  );
  return page;
}
