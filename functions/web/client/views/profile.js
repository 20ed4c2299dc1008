/** The dialogs about oneself: picture and name, and the password. */

/** @import {Banter} from '../banter.js' */
import { h } from '../dom.js';
import { personFace } from './face.js';
import { openForm, toast } from './feedback.js';
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
    h(
      'p',
      { class: 'muted hint' },
      `You sign in as @${me.username}. `,
      h('button', { type: 'button', class: 'link', testid: 'change-password', onclick: () => openPassword(banter) }, 'Change password'),
    ),
  ];
  openForm({ title: 'Your profile', action: 'Save', testid: 'profile-submit', fields }, async () => {
    const chosen = name.value.trim();
    const change = { ...(chosen !== me.name && { name: chosen }), ...(picture.chosen !== undefined && { avatar_media_id: picture.chosen }) };
    if (Object.keys(change).length) await banter.updateMe(change);
  });
}

/** @param {Banter} banter */
function openPassword(banter) {
  /** @param {string} testid @param {string} autocomplete @param {object} [more] */
  const input = (testid, autocomplete, more) => h('input', { type: 'password', testid, required: true, maxlength: 128, autocomplete, ...more });
  const current = input('password-current', 'current-password', { autofocus: true });
  const next = input('password-new', 'new-password', { minlength: 8 });
  const fields = [
    h('label', { class: 'field' }, h('span', {}, 'Current password'), current),
    h('label', { class: 'field' }, h('span', {}, 'New password'), next),
    h('p', { class: 'muted hint' }, 'Your other devices are signed out.'),
  ];
  openForm({ title: 'Change password', action: 'Change', testid: 'password-submit', fields }, async () => {
    await banter.changePassword({ current_password: current.value, new_password: next.value });
    toast('Your password is changed.');
  });
}
