/** Where one writes: a new message, or a change of one sent before. */

/** @import {Banter} from '../banter.js' */
/** @import {Message} from '../banter/types.js' */
import { fill, h, icon, iconButton } from '../dom.js';
import { countCharacters, refusalText } from '../words.js';
import { toast } from './feedback.js';

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
  const counter = h('span', { class: 'counter', 'aria-live': 'polite' });
  const input = h('textarea', {
    testid: 'composer-input', rows: 1, placeholder: 'Message', 'aria-label': 'Message', enterkeyhint: 'send', autocomplete: 'off',
    value: begun.get(roomId) ?? '', oninput: onInput, onkeydown: onKey,
  });
  const send = h('button', { class: 'send', testid: 'composer-send', 'aria-label': 'Send', title: 'Send' }, icon('send'));
  const editBar = h('div', { class: 'edit-bar', hidden: true });
  const form = h('form', { class: 'composer', onsubmit: onSubmit }, editBar, h('div', { class: 'composer-row' }, h('div', { class: 'composer-box' }, input, counter), send));
  const denied = h('p', { class: 'composer-denied muted', hidden: true }, 'You can read here, but not write.');
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
    send.disabled = count === 0 || count > MAX_CHARACTERS;
    resize();
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
    } else if (event.key === 'Escape' && editing) {
      edit(null);
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
    if (!text || countCharacters(text) > MAX_CHARACTERS) return;
    const edited = editing;
    if (!edited) {
      banter.send(roomId, text);
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
    editBar.hidden = !message;
    fill(
      editBar,
      message && [
        icon('compose'),
        h('span', { class: 'edit-text' }, h('strong', {}, 'Edit message'), h('span', {}, message.text ?? '')),
        iconButton('close', 'Cancel editing', { onclick: () => edit(null) }),
      ],
    );
    input.value = message ? (message.text ?? '') : (begun.get(roomId) ?? '');
    update();
    input.focus();
  }

  update();
  requestAnimationFrame(resize);
  return {
    element,
    edit,
    focus: () => input.focus({ preventScroll: true }),
    /** @param {boolean} may */
    allow(may) {
      form.hidden = !may;
      denied.hidden = may;
    },
  };
}
