/** The dialog about oneself: picture and name. */

/** @import {Banter} from '../banter.js' */
import { fill, h } from '../dom.js';
import { refusalText } from '../words.js';
import { personFace } from './face.js';
import { openDialog } from './feedback.js';
import { pictureField } from './picture-field.js';

/** @param {Banter} banter */
export function openProfile(banter) {
  const { me } = banter;
  if (!me) return;
  openDialog({
    title: 'Your profile',
    body: (close) => {
      const name = h('input', { testid: 'profile-name', required: true, maxlength: 100, value: me.name, autocomplete: 'name' });
      const picture = pictureField(banter, personFace(banter, me, 'huge'), Boolean(banter.pictureOf(me.id)));
      const error = h('p', { class: 'form-error', role: 'alert' });
      const onsubmit = async (/** @type {Event} */ event) => {
        event.preventDefault();
        fill(error);
        const chosen = name.value.trim();
        const change = { ...(chosen !== me.name && { name: chosen }), ...(picture.chosen !== undefined && { avatar_media_id: picture.chosen }) };
        try {
          if (Object.keys(change).length) await banter.updateMe(change);
          close();
        } catch (caught) {
          fill(error, refusalText(caught));
        }
      };
      return [
        h(
          'form',
          { class: 'dialog-body', onsubmit },
          picture.element,
          h('label', { class: 'field' }, h('span', {}, 'Name'), name),
          h('p', { class: 'muted hint' }, `You sign in as @${me.username}.`),
          error,
          h('div', { class: 'dialog-foot' }, h('button', { type: 'button', class: 'button', onclick: close }, 'Cancel'), h('button', { class: 'button primary', testid: 'profile-submit' }, 'Save')),
        ),
      ];
    },
  });
}
