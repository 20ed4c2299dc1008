/** What the page offers. Off is what the server behind it does not serve yet. */

export const FEATURES = { media: false, presence: false, reactions: false };
