/** What the page around the client knows: whether it is seen, on a network, and signed out next door. */

/**
 * Does nothing where there is no page.
 *
 * @param {{back: () => void, signedOut: (userId: string) => void}} hooks
 * @returns {() => void} Stops watching.
 */
export function watchPage({ back, signedOut }) {
  if (typeof document === 'undefined') return () => {};
  const seen = () => document.visibilityState === 'visible' && back();
  document.addEventListener('visibilitychange', seen);
  window.addEventListener('online', back);
  // Not "stop": a socket often survives a change of networks. The probe finds out.
  window.addEventListener('offline', back);
  window.addEventListener('pageshow', seen);
  const channel = new BroadcastChannel('banter.session');
  channel.onmessage = ({ data }) => signedOut(data.signedOut);
  return () => {
    document.removeEventListener('visibilitychange', seen);
    window.removeEventListener('online', back);
    window.removeEventListener('offline', back);
    window.removeEventListener('pageshow', seen);
    channel.close();
  };
}

/** @param {string} userId */
export function announceSignOut(userId) {
  if (typeof document === 'undefined') return;
  const channel = new BroadcastChannel('banter.session');
  channel.postMessage({ signedOut: userId });
  channel.close();
}
