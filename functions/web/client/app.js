/** The page: who is signed in decides what is shown, the address decides which chat. */

import { Banter } from './banter.js';
import { h } from './dom.js';
import { toast } from './views/feedback.js';
import { shellView } from './views/shell.js';
import { signInView } from './views/sign-in.js';
import { refusalText } from './words.js';

const banter = new Banter({ url: '' });
const host = /** @type {HTMLElement} */ (document.getElementById('app'));
/** @type {(() => void) | null} */
let unmount = null;

/** @param {string | null} notice */
function show(notice) {
  unmount?.();
  unmount = null;
  for (const dialog of document.querySelectorAll('dialog')) dialog.close();
  if (banter.me) {
    const shell = shellView(banter);
    unmount = shell.unmount;
    host.replaceChildren(shell.element);
    banter.connect();
  } else {
    document.title = 'Banter';
    host.replaceChildren(signInView(banter, notice));
  }
}

/** @type {Record<string, string>} */
const NOTICES = {
  expired: 'Your session has ended. Please sign in again.',
  banned: refusalText({ code: 'account_banned' }),
  signed_out_elsewhere: 'You signed out in another tab.',
};

banter.on('session', ({ user, reason }) => {
  if (!user) history.replaceState(null, '', '#/');
  show(NOTICES[reason] ?? null);
});
window.addEventListener('unhandledrejection', () => toast('Something went wrong.', 'error'));

host.replaceChildren(h('div', { class: 'loading', role: 'status', 'aria-label': 'Loading' }));
// A session found is announced by the event; none found is not.
if (!(await banter.restore())) show(null);
