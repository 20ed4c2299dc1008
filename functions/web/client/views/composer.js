/** Where one writes: a new message, or a change of one sent before. */

/** @import {Banter} from '../banter.js' */
/** @import {Message} from '../banter/types.js' */
import { fill, h, icon, iconButton } from '../dom.js';
import { FEATURES } from '../features.js';
import { countCharacters, refusalText } from '../words.js';
import { attachmentTray } from './attachments.js';
import { toast } from './feedback.js';
import { quoteText } from './message.js';

const MAX_CHARACTERS = 4_000;
/** From here on the rest is counted. */
const WARN_CHARACTERS = 3_800;

/** What was begun and not sent, by room; gone with the page. @type {Map<string, string>} */
const begun = new Map();

/**
 * @param {Banter} banter
 * @param {string} roomId
 * @param {{onSent: () => void, lastOwn: () => Message | null}} hooks
 */
export function composerView(banter, roomId, { onSent, lastOwn }) {
  /** @type {Message | null} */
  let editing = null;
  /** @type {Message | null} */
  let answered = null;
  const counter = h('span', { class: 'counter', 'aria-live': 'polite' });
  const input = h('textarea', {
    testid: 'composer-input', rows: 1, placeholder: 'Message', 'aria-label': 'Message', enterkeyhint: 'send', autocomplete: 'off',
    value: begun.get(roomId) ?? '', oninput: onInput, onkeydown: onKey,
    onpaste: (/** @type {ClipboardEvent} */ event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length) return;
      event.preventDefault();
      attach(files);
    },
  });
  const tray = attachmentTray(banter, update);
  const files = h('input', {
    type: 'file', multiple: true, hidden: true, testid: 'composer-files', tabindex: -1, 'aria-hidden': 'true',
    onchange: () => {
      attach([...(files.files ?? [])]);
      // So that the same file may be chosen again.
      files.value = '';
    },
  });
  const send = h('button', { class: 'send', testid: 'composer-send', 'aria-label': 'Send', title: 'Send' }, icon('send'));
  const editBar = h('div', { class: 'edit-bar', hidden: true });
  const attachButton = iconButton('attach', 'Attach files', { class: 'attach', testid: 'composer-attach', onclick: () => files.click() });
  const form = h('form', { class: 'composer', onsubmit: onSubmit }, editBar, tray.element, h('div', { class: 'composer-row' }, attachButton, files, h('div', { class: 'composer-box' }, input, counter), send));
  const denied = h('p', { class: 'composer-denied muted', testid: 'composer-denied', hidden: true }, 'You can read here, but not write.');
  const element = h('footer', { class: 'foot' }, form, denied);

  function resize() {
    input.style.height = 'auto';
    // Before it is on the page it has no height, and would keep it.
    if (input.scrollHeight) input.style.height = `${input.scrollHeight}px`;
  }

  function update() {
    const count = countCharacters(input.value.trim());
    fill(counter, count > WARN_CHARACTERS && `${(MAX_CHARACTERS - count).toLocaleString()}`);
    counter.classList.toggle('over', count > MAX_CHARACTERS);
    const ready = editing ? count > 0 || (editing.media?.length ?? 0) > 0 : (count > 0 || !tray.isEmpty) && tray.isReady;
    send.disabled = !ready || count > MAX_CHARACTERS;
    attachButton.hidden = editing !== null || !FEATURES.media;
    resize();
  }

  /** @param {File[]} chosen */
  function attach(chosen) {
    if (form.hidden || editing || !FEATURES.media) return;
    tray.add(chosen);
    input.focus();
  }

  function onInput() {
    if (!editing) {
      begun.set(roomId, input.value);
      if (input.value) banter.typing(roomId);
    }
    update();
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    // While an input method composes, Enter belongs to it.
    if (event.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      form.requestSubmit();
    } else if (event.key === 'Escape' && (editing || answered)) {
      if (editing) edit(null);
      else reply(null);
    } else if (event.key === 'ArrowUp' && !input.value && !editing) {
      const message = lastOwn();
      if (!message) return;
      event.preventDefault();
      edit(message);
    }
  }

  /** @param {Event} event */
  async function onSubmit(event) {
    event.preventDefault();
    const text = input.value.trim();
    if (send.disabled) return;
    const edited = editing;
    if (!edited) {
      banter.send(roomId, { text: text || null, media: tray.take(), reply_to_seq: answered?.seq ?? null });
      reply(null);
      begun.delete(roomId);
      input.value = '';
      update();
      input.focus();
      return onSent();
    }
    edit(null);
    if (text === edited.text) return;
    try {
      await banter.editMessage(roomId, edited.seq, text);
    } catch (error) {
      toast(refusalText(error), 'error');
      edit(edited);
      input.value = text;
      update();
    }
  }

  /** Starts changing a message, or stops. @param {Message | null} message */
  function edit(message) {
    editing = message;
    if (message) answered = null;
    drawBar();
    input.value = message ? (message.text ?? '') : (begun.get(roomId) ?? '');
    update();
    input.focus();
  }

  /** Answers a message, or stops. @param {Message | null} message */
  function reply(message) {
    if (editing) edit(null);
    answered = message;
    drawBar();
    if (message) input.focus();
  }

  function drawBar() {
    const message = editing ?? answered;
    editBar.hidden = !message;
    const title = editing ? 'Edit message' : `Reply to ${message?.user?.id === banter.me?.id ? 'yourself' : (message?.user?.name ?? 'a message')}`;
    fill(
      editBar,
      message && [
        icon(editing ? 'compose' : 'reply'),
        h('span', { class: 'edit-text', testid: editing ? 'composer-editing' : 'composer-replying' }, h('strong', {}, title), h('span', {}, quoteText(message))),
        iconButton('close', editing ? 'Cancel editing' : 'Cancel reply', { onclick: () => (editing ? edit(null) : reply(null)) }),
      ],
    );
  }

  let dragged = 0;
  const dropTarget = {
    ondragenter: (/** @type {DragEvent} */ event) => {
      if (!event.dataTransfer?.types.includes('Files') || form.hidden || !FEATURES.media) return;
      event.preventDefault();
      dragged += 1;
      element.closest('.conversation')?.classList.add('dropping');
    },
    ondragover: (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes('Files') && event.preventDefault(),
    // Entering a child comes before leaving its parent.
    ondragleave: () => --dragged <= 0 && endDrag(),
    ondrop: (/** @type {DragEvent} */ event) => {
      if (!event.dataTransfer?.files.length) return;
      event.preventDefault();
      endDrag();
      attach([...event.dataTransfer.files]);
    },
  };

  function endDrag() {
    dragged = 0;
    element.closest('.conversation')?.classList.remove('dropping');
  }

  update();
  requestAnimationFrame(resize);
  return {
    element,
    edit,
    reply,
    dropTarget,
    unmount: () => tray.clear(),
    focus: () => input.focus({ preventScroll: true }),
    /** @param {boolean} may */
    allow(may) {
      form.hidden = !may;
      denied.hidden = may;
    },
  };
}
