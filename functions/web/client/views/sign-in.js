/** The page before the chat: sign in, or make an account. */

/** @import {Banter} from '../banter.js' */
import { fill, h } from '../dom.js';
import { refusalText } from '../words.js';

/**
 * @param {Banter} banter
 * @param {string | null} notice Why one is here again.
 */
export function signInView(banter, notice) {
  const page = h('main', { class: 'welcome' });
  const show = (/** @type {boolean} */ fresh) => {
    fill(page, card(banter, fresh, fresh ? null : notice, () => show(!fresh)));
    /** @type {HTMLInputElement | null} */ (page.querySelector('input'))?.focus();
  };
  show(false);
  return page;
}

/**
 * @param {Banter} banter
 * @param {boolean} fresh Make an account.
 * @param {string | null} notice
 * @param {() => void} swap
 */
function card(banter, fresh, notice, swap) {
  const prefix = fresh ? 'signup' : 'signin';
  const error = h('p', { class: 'form-error', role: 'alert' });
  const submit = h('button', { class: 'button primary wide', testid: `${prefix}-submit` }, fresh ? 'Create account' : 'Sign in');
  const field = (/** @type {string} */ name, /** @type {string} */ label, /** @type {Record<string, any>} */ props) =>
    h('label', { class: 'field' }, h('span', {}, label), h('input', { name, testid: `${prefix}-${name}`, required: true, ...props }));

  const onsubmit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (event.target)));
    const username = String(values.username).trim().toLowerCase();
    const password = String(values.password);
    submit.disabled = true;
    fill(error);
    try {
      if (fresh) await banter.signUp({ username, password, name: String(values.name).trim() });
      else await banter.signIn({ username, password });
    } catch (caught) {
      fill(error, explain(caught, fresh));
    } finally {
      submit.disabled = false;
    }
  };

  return h(
    'div',
    { class: 'welcome-card' },
    h('img', { class: 'logo', src: '/icon.svg', alt: '', width: 48, height: 48 }),
    h('h1', {}, fresh ? 'Create your account' : 'Sign in to Banter'),
    h('p', { class: 'muted' }, notice ?? (fresh ? 'It takes a moment.' : 'Good to see you.')),
    h(
      'form',
      { onsubmit },
      fresh && field('name', 'Name', { autocomplete: 'name', maxlength: 100, placeholder: 'Ana Lima' }),
      field('username', 'Username', {
        autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', placeholder: 'ana',
        ...(fresh && { minlength: 3, maxlength: 32, pattern: '[A-Za-z0-9_.\\-]+', title: 'Letters, digits and _ . -' }),
      }),
      field('password', 'Password', {
        type: 'password', autocomplete: fresh ? 'new-password' : 'current-password', maxlength: 128,
        ...(fresh && { minlength: 8, placeholder: 'At least 8 characters' }),
      }),
      error,
      submit,
    ),
    h(
      'p',
      { class: 'muted center' },
      fresh ? 'Have an account? ' : 'New here? ',
      h('button', { type: 'button', class: 'link', onclick: swap, testid: fresh ? 'switch-to-signin' : 'switch-to-signup' }, fresh ? 'Sign in' : 'Create an account'),
    ),
  );
}

/**
 * @param {unknown} error
 * @param {boolean} fresh
 */
function explain(error, fresh) {
  const { code } = /** @type {{code?: string}} */ (error);
  if (fresh && code === 'forbidden') return 'New accounts are switched off here. Ask whoever runs this chat.';
  if (!fresh && code === 'unauthenticated') return 'That username and password do not match.';
  return refusalText(error);
}
