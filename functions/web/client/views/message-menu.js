/** What opens beside a button: a menu, whose keyboard works as in any menu, or a small panel. */

/** @import {IconName} from '../dom.js' */
import { h, icon } from '../dom.js';

/** @typedef {{label: string, icon: IconName, testid: string, danger?: boolean, run: () => void}} Item */

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
  const close = hang(menu, button);
  buttons[0]?.focus({ preventScroll: true });

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
}

/**
 * @param {HTMLElement} button What it hangs on; gets the focus back.
 * @param {string} className
 * @param {string} label
 * @param {(close: () => void) => Node[]} body
 */
export function openPopover(button, className, label, body) {
  const panel = h('div', {
    class: `menu ${className}`, role: 'dialog', 'aria-label': label,
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      close();
    },
  });
  let close = () => {};
  panel.append(...body(() => close()));
  close = hang(panel, button);
  /** @type {HTMLElement | null} */ (panel.querySelector('button'))?.focus({ preventScroll: true });
}

/**
 * @param {HTMLElement} panel
 * @param {HTMLElement} button
 * @returns {() => void} Closes it.
 */
function hang(panel, button) {
  function close() {
    panel.remove();
    button.setAttribute('aria-expanded', 'false');
    document.removeEventListener('pointerdown', onOutside, true);
    window.removeEventListener('resize', onResize);
    document.removeEventListener('scroll', onScroll, true);
    button.focus({ preventScroll: true });
  }

  /** @param {Event} event */
  function onOutside(event) {
    if (!panel.contains(/** @type {Node} */ (event.target))) close();
  }

  /** @param {Event} event */
  function onScroll(event) {
    if (!panel.contains(/** @type {Node} */ (event.target))) close();
  }

  function onResize() {
    // A phone's keyboard that comes up for a field in here is no reason to go.
    if (!panel.querySelector('input:focus')) close();
  }

  // Inside an open dialog: whatever lies outside of that cannot be used.
  (button.closest('dialog') ?? document.body).append(panel);
  button.setAttribute('aria-expanded', 'true');
  const anchor = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  const below = anchor.bottom + 4 + height < innerHeight;
  panel.style.top = `${below ? anchor.bottom + 4 : Math.max(8, anchor.top - height - 4)}px`;
  panel.style.left = `${Math.max(8, Math.min(Math.max(8, anchor.right - width), innerWidth - width - 8))}px`;
  document.addEventListener('pointerdown', onOutside, true);
  document.addEventListener('scroll', onScroll, true);
  window.addEventListener('resize', onResize);
  return close;
}
