/** What a message shows besides its text: pictures, players, files. Fetched when they come near. */

/** @import {Banter} from '../banter.js' */
/** @import {Media, MessageMedia} from '../banter/types.js' */
import { fill, h, icon } from '../dom.js';
import { fileSize, refusalText } from '../words.js';
import { openDialog, toast } from './feedback.js';

/** The larger side of a picture in a conversation. */
const PICTURE_PX = 320;
const SEVERAL_PX = 200;

/** @type {WeakMap<Element, () => void>} */
const waiting = new WeakMap();
const near = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    waiting.get(target)?.();
  }
}, { rootMargin: '600px' });

/** @param {Element} element @param {() => void} load */
function whenNear(element, load) {
  waiting.set(element, load);
  near.observe(element);
}

/**
 * @param {Banter} banter
 * @param {MessageMedia[]} media
 */
export function mediaView(banter, media) {
  const pictures = media.filter(({ content_type }) => content_type.startsWith('image/'));
  return h(
    'div',
    { class: 'media' },
    pictures.length > 0 && h('div', { class: 'pictures' }, pictures.map((one) => picture(banter, one, pictures.length > 1 ? SEVERAL_PX : PICTURE_PX))),
    media.filter((one) => !pictures.includes(one)).map((one) => (/^(audio|video)\//.test(one.content_type) ? player(banter, one) : file(banter, one))),
  );
}

/**
 * @param {Banter} banter
 * @param {MessageMedia} media
 * @param {number} largest
 */
function picture(banter, media, largest) {
  const { width = largest, height = largest, filename = 'Picture' } = media;
  const scale = Math.min(1, largest / width, largest / height);
  const button = h('button', { type: 'button', class: 'picture', testid: 'message-picture', 'aria-label': `Picture ${filename}`, onclick: () => enlarge(banter, media) });
  // Its place is kept before it is there, so that nothing jumps.
  button.style.width = `${Math.max(48, Math.round(width * scale))}px`;
  button.style.aspectRatio = `${width} / ${height}`;
  whenNear(button, async () => {
    const found = await banter.media.find(media.media_id).catch(() => null);
    const source = found && sized(found, largest * Math.min(2, devicePixelRatio));
    if (!source) return fill(button, h('span', { class: 'picture-lost' }, icon('alert'), 'Not available'));
    const image = h('img', { src: source, alt: filename, onload: () => button.classList.add('loaded') });
    fill(button, image);
  });
  return button;
}

/** The smallest that is large enough. @param {Media} media @param {number} pixels */
function sized({ url, thumbnails = [] }, pixels) {
  return thumbnails.find(({ width, height }) => Math.max(width, height) >= pixels)?.url ?? url ?? thumbnails.at(-1)?.url ?? null;
}

/** @param {Banter} banter @param {MessageMedia} media */
function enlarge(banter, media) {
  const name = media.filename ?? 'Picture';
  const stage = h('div', { class: 'stage' }, h('div', { class: 'loading', role: 'status', 'aria-label': 'Loading' }));
  openDialog({
    title: name,
    class: 'lightbox',
    body: () => [stage, h('div', { class: 'dialog-foot' }, downloadLink(banter, media))],
  });
  banter.media.find(media.media_id).then(
    (found) => fill(stage, h('img', { src: sized(found, 1280) ?? '', alt: name, width: media.width, height: media.height })),
    (error) => fill(stage, h('p', { class: 'muted' }, refusalText(error))),
  );
}

/** @param {Banter} banter @param {MessageMedia} media */
function player(banter, media) {
  const kind = media.content_type.startsWith('video/') ? 'video' : 'audio';
  const element = h(kind, { controls: true, preload: 'metadata', class: 'player', testid: `message-${kind}`, 'aria-label': media.filename ?? kind });
  if (kind === 'video' && media.width && media.height) element.style.aspectRatio = `${media.width} / ${media.height}`;
  whenNear(element, async () => {
    const found = await banter.media.find(media.media_id).catch(() => null);
    if (found?.url) element.src = found.url;
  });
  return h('figure', { class: 'player-frame' }, element, h('figcaption', {}, media.filename ?? '', ' ', downloadLink(banter, media, false)));
}

/** @param {Banter} banter @param {MessageMedia} media */
function file(banter, media) {
  return h(
    'button',
    { type: 'button', class: 'file', testid: 'message-file', onclick: () => download(banter, media) },
    h('span', { class: 'file-icon' }, icon('file')),
    h('span', { class: 'file-name' }, media.filename ?? 'File', h('span', {}, fileSize(media.size_bytes))),
    icon('download'),
  );
}

/** @param {Banter} banter @param {MessageMedia} media @param {boolean} [framed] */
function downloadLink(banter, media, framed = true) {
  return h('button', { type: 'button', class: framed ? 'button' : 'link', onclick: () => download(banter, media) }, framed && icon('download'), `Save (${fileSize(media.size_bytes)})`);
}

/** The address is asked for when it is needed: it does not last. @param {Banter} banter @param {MessageMedia} media */
async function download(banter, media) {
  try {
    const { url } = await banter.media.find(media.media_id);
    if (url) h('a', { href: url, download: media.filename ?? '', target: '_blank', rel: 'noopener noreferrer' }).click();
  } catch (error) {
    toast(refusalText(error), 'error');
  }
}
