/** What the page offers. Off is what the server behind it does not serve yet. */

export const FEATURES = { admin: true, media: true, presence: true, reactions: true };
