/** The dialog about oneself: picture and name. */

/** @import {Banter} from '../banter.js' */
import { h } from '../dom.js';
import { personFace } from './face.js';
import { openForm } from './feedback.js';
import { pictureField } from './picture-field.js';

/** @param {Banter} banter */
export function openProfile(banter) {
  const { me } = banter;
  if (!me) return;
  const name = h('input', { testid: 'profile-name', required: true, maxlength: 100, value: me.name, autocomplete: 'name' });
  const picture = pictureField(banter, personFace(banter, me, 'huge'), Boolean(banter.pictureOf(me.id)));
  const fields = [
    picture.element,
    h('label', { class: 'field' }, h('span', {}, 'Name'), name),
    h('p', { class: 'muted hint' }, `You sign in as @${me.username}.`),
  ];
  openForm({ title: 'Your profile', action: 'Save', testid: 'profile-submit', fields }, async () => {
    const chosen = name.value.trim();
    const change = { ...(chosen !== me.name && { name: chosen }), ...(picture.chosen !== undefined && { avatar_media_id: picture.chosen }) };
    if (Object.keys(change).length) await banter.updateMe(change);
  });
}
