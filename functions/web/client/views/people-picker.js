/** Finds people by name: a search box with a list under it, both driven from the keyboard. */

/** @import {Banter} from '../banter.js' */
/** @import {User} from '../banter/types.js' */
import { fill, h, icon, iconButton } from '../dom.js';
import { refusalText } from '../words.js';
import { personFace } from './face.js';

const SEARCH_MS = 200;
let pickers = 0;

/**
 * @param {Banter} banter
 * @param {object} options
 * @param {() => boolean} options.single Whether only one may be chosen.
 * @param {Set<string>} [options.except] Ids never offered.
 * @param {() => void} options.onChange
 */
export function peoplePicker(banter, { single, except = new Set(), onChange }) {
  const listId = `people-${++pickers}`;
  /** @type {Map<string, User>} */
  const chosen = new Map();
  /** @type {User[]} */
  let found = [];
  let active = -1;
  let latest = 0;
  /** @type {any} */
  let timer = null;

  const chips = h('div', { class: 'chips' });
  const list = h('ul', { class: 'people', id: listId, role: 'listbox', 'aria-label': 'People' });
  const status = h('p', { class: 'people-status muted', role: 'status' }, 'Type a name to find people.');
  const input = h('input', {
    type: 'search', class: 'search-input', testid: 'people-search', role: 'combobox', autocomplete: 'off', spellcheck: 'false',
    placeholder: 'Search people by name', 'aria-label': 'Search people by name', 'aria-controls': listId, 'aria-expanded': 'false', 'aria-autocomplete': 'list',
    oninput: () => {
      clearTimeout(timer);
      timer = setTimeout(search, SEARCH_MS);
    },
    onkeydown: onKey,
  });

  async function search() {
    const query = input.value.trim();
    const mine = ++latest;
    if (!query) return show([], 'Type a name to find people.');
    try {
      const users = await banter.findUsers(query);
      if (mine !== latest) return;
      const offered = users.filter((user) => user.id !== banter.me?.id && !except.has(user.id));
      show(offered, offered.length ? '' : `Nobody called “${query}”.`);
    } catch (error) {
      const off = /** @type {{code?: string}} */ (error).code === 'forbidden';
      if (mine === latest) show([], off ? 'Searching for people is switched off here.' : refusalText(error));
    }
  }

  /** @param {User[]} users @param {string} note */
  function show(users, note) {
    found = users;
    active = users.length ? 0 : -1;
    fill(status, note);
    status.hidden = !note;
    draw();
  }

  function draw() {
    input.setAttribute('aria-expanded', String(found.length > 0));
    if (active >= 0) input.setAttribute('aria-activedescendant', `${listId}-${active}`);
    else input.removeAttribute('aria-activedescendant');
    fill(
      list,
      found.map((user, index) =>
        h(
          'li',
          {
            id: `${listId}-${index}`, role: 'option', testid: 'people-result', 'data-user-id': user.id, class: index === active ? 'active' : '',
            'aria-selected': String(chosen.has(user.id)), onclick: () => toggle(user),
            // Focus stays in the box: typing goes on after a click.
            onmousedown: (/** @type {Event} */ event) => event.preventDefault(),
          },
          personFace(banter, user, 'small', true),
          h('span', { class: 'people-name' }, user.name, h('span', { class: 'muted' }, `@${user.username}`)),
          chosen.has(user.id) && icon('check'),
        ),
      ),
    );
    list.querySelector('.active')?.scrollIntoView({ block: 'nearest' });
    fill(
      chips,
      [...chosen.values()].map((user) =>
        h('span', { class: 'chip' }, user.name, iconButton('close', `Take out ${user.name}`, { onclick: () => toggle(user) })),
      ),
    );
  }

  /** @param {User} user */
  function toggle(user) {
    if (!chosen.delete(user.id)) {
      if (single()) chosen.clear();
      chosen.set(user.id, user);
    }
    draw();
    onChange();
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const user = found[active];
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (!found.length) return;
      active = (active + (event.key === 'ArrowDown' ? 1 : -1) + found.length) % found.length;
      draw();
    } else if (event.key === 'Enter' && user && input.value) {
      toggle(user);
      input.select();
    } else if (event.key === 'Backspace' && !input.value && chosen.size) {
      toggle(/** @type {User} */ ([...chosen.values()].at(-1)));
    } else return;
    event.preventDefault();
  }

  return {
    element: h('div', { class: 'picker' }, chips, h('div', { class: 'search' }, icon('search'), input), status, list),
    input,
    get chosen() {
      return [...chosen.values()];
    },
    /** Keeps the last one if only one may stay. */
    trim() {
      const last = [...chosen.values()].at(-1);
      if (!single() || !last || chosen.size < 2) return;
      chosen.clear();
      chosen.set(last.id, last);
      draw();
    },
  };
}
