/** Says that the connection is down, and when it is tried again. Silent while all is well. */

/** @import {Banter} from '../banter.js' */
import { fill, h } from '../dom.js';

/** @param {Banter} banter */
export function connectionBanner(banter) {
  const text = h('span', {});
  const retry = h('button', { type: 'button', class: 'link', onclick: () => banter.connect() }, 'Try now');
  const element = h('div', { class: 'connection', role: 'status', testid: 'connection-state' }, text, retry);
  /** @type {number | null} */
  let retryAt = null;
  let lost = false;

  function draw() {
    const { state } = banter;
    element.dataset.state = state;
    const seconds = retryAt ? Math.max(0, Math.ceil((retryAt - Date.now()) / 1000)) : 0;
    retry.hidden = state !== 'offline';
    fill(
      text,
      state === 'online' ? 'Connected'
      : state === 'connecting' ? (lost ? 'Reconnecting…' : 'Connecting…')
      : !navigator.onLine ? 'You are offline.'
      : seconds > 1 ? `No connection. Next try in ${seconds} s.`
      : 'No connection.',
    );
  }

  const timer = setInterval(draw, 1_000);
  const stop = banter.on('state', ({ state, retry_at }) => {
    retryAt = retry_at;
    lost ||= state === 'offline';
    draw();
  });
  draw();
  return {
    element,
    unmount() {
      clearInterval(timer);
      stop();
    },
  };
}
