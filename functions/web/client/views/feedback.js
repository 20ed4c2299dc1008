/** What interrupts: toasts, and dialogs that ask. */

import { fill, h, iconButton } from '../dom.js';
import { refusalText } from '../words.js';

const TOAST_MS = 5_000;

/**
 * @param {string} text
 * @param {'info' | 'error'} [kind]
 */
export function toast(text, kind = 'info') {
  const host = document.getElementById('toasts');
  if (!host) return;
  const element = h('div', { class: `toast ${kind}` }, text);
  host.append(element);
  setTimeout(() => element.remove(), TOAST_MS);
}

/**
 * Whether it went well; a refusal is told in a toast.
 *
 * @param {() => Promise<unknown>} work
 */
export async function attempt(work) {
  try {
    await work();
    return true;
  } catch (error) {
    toast(refusalText(error), 'error');
    return false;
  }
}

let dialogs = 0;

/**
 * Opens a modal dialog; Escape, the backdrop and the cross close it.
 *
 * @param {object} options
 * @param {string} options.title
 * @param {(close: () => void) => Node[]} options.body
 * @param {string} [options.class]
 * @param {() => void} [options.onClose]
 */
export function openDialog({ title, body, class: className = '', onClose = () => {} }) {
  const id = `dialog-title-${++dialogs}`;
  const close = () => dialog.close();
  const dialog = h('dialog', { class: `dialog ${className}`, 'aria-labelledby': id });
  fill(
    dialog,
    h('div', { class: 'dialog-head' }, h('h2', { id }, title), iconButton('close', 'Close', { onclick: close })),
    body(close),
  );
  dialog.addEventListener('close', () => {
    dialog.remove();
    onClose();
  });
  // The dialog covers its own content: a press on itself is one on the backdrop.
  dialog.addEventListener('mousedown', (event) => event.target === dialog && close());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * Opens a dialog with a form. It closes when `submit` went well, and shows the refusal if not.
 *
 * @param {object} form
 * @param {string} form.title
 * @param {string} form.action What the button says that submits.
 * @param {string} form.testid Of that button.
 * @param {(Node | Node[] | false | undefined)[]} form.fields
 * @param {() => Promise<void>} submit
 */
export function openForm({ title, action, testid, fields }, submit) {
  openDialog({
    title,
    body: (close) => {
      const error = h('p', { class: 'form-error', role: 'alert' });
      const button = h('button', { class: 'button primary', testid }, action);
      const onsubmit = async (/** @type {Event} */ event) => {
        event.preventDefault();
        button.disabled = true;
        fill(error);
        try {
          await submit();
          close();
        } catch (caught) {
          fill(error, refusalText(caught));
        }
        button.disabled = false;
      };
      return [h('form', { class: 'dialog-body', onsubmit }, fields, error, h('div', { class: 'dialog-foot' }, h('button', { type: 'button', class: 'button', onclick: close }, 'Cancel'), button))];
    },
  });
}

/**
 * @param {{title: string, text: string, action: string}} question
 * @returns {Promise<boolean>}
 */
export function confirmAction({ title, text, action }) {
  return new Promise((resolve) => {
    let answer = false;
    openDialog({
      title,
      class: 'small',
      onClose: () => resolve(answer),
      body: (close) => [
        h('p', { class: 'muted' }, text),
        h(
          'div',
          { class: 'dialog-foot' },
          h('button', { type: 'button', class: 'button', onclick: close, testid: 'confirm-cancel' }, 'Cancel'),
          h('button', { type: 'button', class: 'button danger', autofocus: true, testid: 'confirm', onclick: () => { answer = true; close(); } }, action),
        ),
      ],
    });
  });
}
