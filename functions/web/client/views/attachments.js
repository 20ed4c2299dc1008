/** Files that are to go with the next message: uploaded while one still writes. */

/** @import {Banter} from '../banter.js' */
/** @import {Media, MessageMedia} from '../banter/types.js' */
import { arrange, fill, h, icon, iconButton } from '../dom.js';
import { fileSize, refusalText } from '../words.js';
import { toast } from './feedback.js';

const MAX_FILES = 10;
/** What the server takes if nothing else is set. */
const MAX_BYTES = 100_000_000;

/** @typedef {{file: File, element: HTMLElement, aborter: AbortController, media: Media | null, release: () => void}} Item */

/**
 * @param {Banter} banter
 * @param {() => void} changed
 */
export function attachmentTray(banter, changed) {
  /** @type {Item[]} */
  let items = [];
  const element = h('ul', { class: 'tray', 'aria-label': 'Attachments', hidden: true });

  /** @param {Iterable<File>} files */
  function add(files) {
    for (const file of files) {
      if (items.length >= MAX_FILES) {
        toast(`A message takes up to ${MAX_FILES} files.`, 'error');
        break;
      }
      if (file.size > MAX_BYTES) toast(`${file.name} is larger than ${fileSize(MAX_BYTES)}.`, 'error');
      else if (file.size === 0) toast(`${file.name} is empty.`, 'error');
      else start(file);
    }
    draw();
  }

  /** @param {File} file */
  function start(file) {
    const progress = h('progress', { max: 1, value: 0, 'aria-label': `Uploading ${file.name}` });
    const address = file.type.startsWith('image/') ? URL.createObjectURL(file) : null;
    /** @type {Item} */
    const item = {
      file, media: null, aborter: new AbortController(),
      release: () => address && URL.revokeObjectURL(address),
      element: h(
        'li',
        { class: 'attachment', testid: 'attachment', 'data-state': 'uploading', title: file.name },
        address ? h('img', { src: address, alt: file.name }) : h('span', { class: 'file-icon' }, icon('file'), h('span', { class: 'attachment-name' }, file.name)),
        progress,
        iconButton('close', `Remove ${file.name}`, { testid: 'attachment-remove', onclick: () => remove(item) }),
      ),
    };
    items.push(item);
    upload(item, progress);
  }

  /** @param {Item} item @param {HTMLProgressElement} progress */
  async function upload(item, progress) {
    const { file, aborter, element: shown } = item;
    try {
      item.media = await banter.media.upload(file, {
        signal: aborter.signal,
        onProgress: (share) => {
          if (share < 1) progress.value = share;
          // Sent; how long looking at it takes cannot be told.
          else progress.removeAttribute('value');
        },
      });
      shown.dataset.state = 'ready';
      progress.remove();
    } catch (error) {
      if (aborter.signal.aborted) return;
      shown.dataset.state = 'failed';
      progress.remove();
      shown.append(
        h('button', {
          type: 'button', class: 'attachment-retry', 'aria-label': `Upload ${file.name} again`, title: refusalText(error),
          onclick: () => { remove(item); add([file]); },
        }, icon('alert')),
      );
      toast(`${file.name}: ${refusalText(error)}`, 'error');
    }
    changed();
  }

  /** @param {Item} item */
  function remove(item) {
    item.aborter.abort();
    item.release();
    items = items.filter((other) => other !== item);
    draw();
  }

  function draw() {
    element.hidden = items.length === 0;
    arrange(element, items.map((item) => item.element));
    changed();
  }

  return {
    element,
    add,
    get isEmpty() {
      return items.length === 0;
    },
    get isReady() {
      return items.every(({ media }) => media !== null);
    },
    /** Empties the tray. @returns {MessageMedia[]} */
    take() {
      const taken = items.flatMap(({ media }) => media ?? []);
      for (const item of items) item.release();
      items = [];
      draw();
      return taken.map(({ id, content_type, size_bytes, filename, width, height }, sequence) => ({ media_id: id, sequence, content_type, size_bytes, filename, width, height }));
    },
    clear() {
      for (const item of items) {
        item.aborter.abort();
        item.release();
      }
      items = [];
      fill(element);
    },
  };
}
