/** The menu of one message; the keyboard works as in any menu. */

import { h, icon } from '../dom.js';

/** @typedef {{label: string, icon: 'compose' | 'trash' | 'copy' | 'person', testid: string, danger?: boolean, run: () => void}} Item */

/**
 * @param {HTMLElement} button What it hangs on; gets the focus back.
 * @param {Item[]} items
 */
export function openMenu(button, items) {
  const menu = h(
    'div',
    { class: 'menu', role: 'menu', onkeydown: onKey },
    items.map((item) =>
      h(
        'button',
        { type: 'button', role: 'menuitem', class: item.danger ? 'danger' : '', testid: item.testid, onclick: () => { close(); item.run(); } },
        icon(item.icon), item.label,
      )),
  );
  const buttons = /** @type {HTMLElement[]} */ ([...menu.children]);

  function close() {
    menu.remove();
    button.setAttribute('aria-expanded', 'false');
    document.removeEventListener('pointerdown', onOutside, true);
    window.removeEventListener('resize', close);
    document.removeEventListener('scroll', close, true);
    button.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const index = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (event.key === 'Escape' || event.key === 'Tab') close();
    else if (event.key === 'ArrowDown') buttons[(index + 1) % buttons.length]?.focus();
    else if (event.key === 'ArrowUp') buttons[(index - 1 + buttons.length) % buttons.length]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {Event} event */
  function onOutside(event) {
    if (!menu.contains(/** @type {Node} */ (event.target))) close();
  }

  document.body.append(menu);
  button.setAttribute('aria-expanded', 'true');
  const anchor = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = anchor.bottom + 4 + height < innerHeight;
  menu.style.top = `${below ? anchor.bottom + 4 : Math.max(8, anchor.top - height - 4)}px`;
  menu.style.left = `${Math.min(Math.max(8, anchor.right - width), innerWidth - width - 8)}px`;
  buttons[0]?.focus({ preventScroll: true });
  document.addEventListener('pointerdown', onOutside, true);
  document.addEventListener('scroll', close, true);
  window.addEventListener('resize', close);
}
