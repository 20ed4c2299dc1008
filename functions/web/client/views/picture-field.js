/** Chooses a picture for a person or a room: uploaded at once, used when the form is saved. */

/** @import {Banter} from '../banter.js' */
import { fill, h, icon } from '../dom.js';
import { FEATURES } from '../features.js';
import { refusalText } from '../words.js';

/** What the server takes as a face. */
const TYPES = 'image/jpeg,image/png,image/webp,image/gif';

/**
 * @param {Banter} banter
 * @param {HTMLElement} face How it looks now.
 * @param {boolean} removable
 */
export function pictureField(banter, face, removable) {
  /** Undefined while nothing was changed. @type {string | null | undefined} */
  let chosen;
  const status = h('p', { class: 'muted hint', role: 'status' });
  const shown = h('span', { class: 'picture-shown' }, face);
  const input = h('input', { type: 'file', accept: TYPES, hidden: true, testid: 'picture-file', onchange: choose });
  const removal = h('button', { type: 'button', class: 'link', hidden: !removable, onclick: clear }, 'Remove picture');

  async function choose() {
    const file = input.files?.[0];
    if (!file) return;
    fill(status, 'Uploading…');
    try {
      const media = await banter.media.upload(file, { onProgress: (share) => fill(status, `Uploading… ${Math.round(share * 100)}%`) });
      chosen = media.id;
      const preview = face.cloneNode(true);
      const source = media.thumbnails?.[0]?.url ?? media.url;
      /** @type {HTMLElement} */ (preview).querySelector('img')?.remove();
      if (source) /** @type {HTMLElement} */ (preview).prepend(h('img', { src: source, alt: '' }));
      fill(shown, preview);
      fill(status, 'Save to use it.');
      removal.hidden = false;
    } catch (error) {
      fill(status, refusalText(error));
    }
  }

  function clear() {
    chosen = null;
    const preview = /** @type {HTMLElement} */ (face.cloneNode(true));
    preview.querySelector('img')?.remove();
    fill(shown, preview);
    fill(status);
    removal.hidden = true;
  }

  return {
    element: h(
      'div',
      { class: 'picture-field', hidden: !FEATURES.media },
      h('button', { type: 'button', class: 'picture-button', 'aria-label': 'Choose a picture', title: 'Choose a picture', onclick: () => input.click() }, shown, h('span', { class: 'picture-badge' }, icon('camera'))),
      input, removal, status,
    ),
    get chosen() {
      return chosen;
    },
  };
}
