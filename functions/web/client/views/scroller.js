/**
 * Scrolling of a conversation: sticks to the end, loads upward, and never moves what is being read.
 *
 * The browser's own anchoring is switched off: not all have it, and two of them would fight.
 */

/** @import {Line} from './message.js' */
import { arrange, fill, h, icon } from '../dom.js';

/** This close to the end counts as being there. */
const END_PX = 80;
/** Older messages are fetched this far ahead. */
const AHEAD_PX = 800;

/**
 * @param {object} hooks
 * @param {() => Promise<void>} hooks.onTop
 * @param {() => Promise<void>} hooks.onBottom Only where what is shown does not end with the newest.
 * @param {() => void} hooks.onNewest
 * @param {() => void} hooks.onSeen
 */
export function scroller({ onTop, onBottom, onNewest, onSeen }) {
  /** @type {Map<string, {element: HTMLElement, signature: string}>} */
  const built = new Map();
  let atEnd = true;
  let started = false;
  let loadingOlder = false;
  let more = false;
  /** What is shown ends before the newest. */
  let cut = false;
  let loadingNewer = false;
  /** How many messages came while one read further up. */
  let missed = 0;
  let lastKey = '';

  const top = h('div', { class: 'feed-top' });
  const list = h('ol', { class: 'lines', onkeydown: onKey });
  const scroll = h('div', { class: 'feed', role: 'log', 'aria-label': 'Messages', tabindex: 0, onscroll: onScroll }, top, list);
  const jump = h('button', { type: 'button', class: 'jump', 'aria-label': 'To the newest message', hidden: true, testid: 'to-newest', onclick: () => { onNewest(); toEnd(); } });
  const element = h('div', { class: 'feed-frame' }, scroll, jump);

  // The keyboard of a phone, a growing composer, a turned screen; and a video that tells its size late.
  const observer = new ResizeObserver(() => atEnd && started && toEnd());
  observer.observe(scroll);
  observer.observe(list);

  /**
   * @param {Line[]} lines
   * @param {{loaded: boolean, foundOldest: boolean, foundNewest: boolean, note: Node[] | null}} state
   */
  function draw(lines, { loaded, foundOldest, foundNewest, note }) {
    const wasCut = cut;
    cut = !foundNewest;
    if (cut) atEnd = false;
    const anchor = atEnd ? null : firstVisible();
    const wanted = lines.map(({ key, signature, build }) => {
      const known = built.get(key);
      if (known?.signature === signature) return known.element;
      const fresh = build();
      if (known) swap(known.element, fresh);
      built.set(key, { element: fresh, signature });
      return fresh;
    });
    arrange(list, wanted);
    const keys = new Set(lines.map(({ key }) => key));
    for (const key of built.keys()) if (!keys.has(key)) built.delete(key);
    more = loaded && !foundOldest;
    fill(
      top,
      note ? h('div', { class: 'feed-note' }, note)
      : !loaded || more ? h('div', { class: 'loading', role: 'status', 'aria-label': 'Loading messages' })
      : lines.length === 0 && h('p', { class: 'feed-note muted' }, 'No messages yet. Say hello.'),
    );
    noticeNew(lines, wasCut || cut);
    rove();
    if (!started) return;
    if (atEnd) return toEnd();
    // By key: the element may have been rebuilt, with new neighbours to group with.
    const moved = anchor && built.get(anchor.key)?.element;
    if (moved) scroll.scrollTop += moved.getBoundingClientRect().top - anchor.top;
  }

  /** One stop for the Tab key, not one per message: from there, the arrows. */
  function rove() {
    const all = buttons();
    const current = all.find((button) => button === document.activeElement) ?? all.at(-1);
    for (const button of all) button.tabIndex = button === current ? 0 : -1;
  }

  /** @returns {HTMLElement[]} */
  function buttons() {
    return [...list.querySelectorAll('[data-testid="message-menu"]')].map((button) => /** @type {HTMLElement} */ (button));
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
    const all = buttons();
    const index = all.findIndex((button) => button === document.activeElement);
    if (index < 0) return;
    event.preventDefault();
    all[index + (event.key === 'ArrowUp' ? -1 : 1)]?.focus();
    rove();
  }

  /** A rebuilt line keeps its place, and its focused button. @param {HTMLElement} old @param {HTMLElement} fresh */
  function swap(old, fresh) {
    const focused = old.contains(document.activeElement) ? document.activeElement?.getAttribute('data-testid') : null;
    old.replaceWith(fresh);
    if (focused) /** @type {HTMLElement | null} */ (fresh.querySelector(`[data-testid="${focused}"]`))?.focus({ preventScroll: true });
  }

  /** @param {Line[]} lines @param {boolean} loaded What came at the end was asked for: it is not news. */
  function noticeNew(lines, loaded) {
    const index = lines.findIndex(({ key }) => key === lastKey);
    if (started && !atEnd && !loaded && index >= 0) missed += lines.length - 1 - index;
    lastKey = lines.at(-1)?.key ?? '';
    drawJump();
  }

  function drawJump() {
    jump.hidden = atEnd || !started;
    fill(jump, missed > 0 && h('span', { class: 'badge' }, missed > 99 ? '99+' : missed), icon('down'));
  }

  function firstVisible() {
    const edge = scroll.getBoundingClientRect().top;
    /** @type {{key: string, top: number} | null} */
    let found = null;
    // Not a separator: it moves up when older messages of its day arrive.
    for (const [key, { element: line }] of built) {
      if (line.dataset.testid !== 'message') continue;
      const { top: lineTop, bottom } = line.getBoundingClientRect();
      if (bottom > edge && (!found || lineTop < found.top)) found = { key, top: lineTop };
    }
    return found;
  }

  function onScroll() {
    const was = atEnd;
    atEnd = !cut && scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < END_PX;
    if (atEnd) missed = 0;
    if (was !== atEnd || atEnd) drawJump();
    check();
  }

  async function check() {
    if (!started) return;
    if (atEnd) onSeen();
    if (cut && !loadingNewer && scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < AHEAD_PX) {
      loadingNewer = true;
      await onBottom();
      loadingNewer = false;
    }
    if (!more || loadingOlder || scroll.scrollTop > AHEAD_PX) return;
    loadingOlder = true;
    // What is old is not to be read out as if it were new.
    scroll.setAttribute('aria-busy', 'true');
    const before = list.childElementCount;
    await onTop();
    requestAnimationFrame(() => {
      loadingOlder = false;
      scroll.removeAttribute('aria-busy');
      // A short page may not fill the screen. After a failure the next scroll tries again.
      if (list.childElementCount > before) check();
    });
  }

  /** Brings a message into view and points at it. @param {number} seq */
  function reveal(seq) {
    const line = /** @type {HTMLElement | null} */ (list.querySelector(`[data-seq="${seq}"]`));
    if (!line) return;
    atEnd = false;
    line.scrollIntoView({ block: 'center' });
    line.classList.remove('pointed');
    // Reading a size between the two starts the animation anew.
    void line.offsetWidth;
    line.classList.add('pointed');
    onScroll();
  }

  function toEnd() {
    if (cut) return;
    atEnd = true;
    missed = 0;
    // At once: a smooth way there is cut short by the next message that arrives.
    scroll.scrollTop = scroll.scrollHeight;
    drawJump();
  }

  return {
    element,
    draw,
    check,
    toEnd,
    reveal,
    /** The first page is here: go where reading begins. */
    start() {
      started = true;
      const unread = list.querySelector('.separator.unread');
      if (unread) {
        scroll.scrollTop += unread.getBoundingClientRect().top - scroll.getBoundingClientRect().top - 60;
        onScroll();
      } else toEnd();
    },
    unmount: () => observer.disconnect(),
  };
}
