/**
 * Reactions of a message. Counts come from pages and from the log, `mine` from my own events: a
 * frame is the same for everybody, so what it says of `mine` means nothing.
 */

/** @import {Message, Reaction, ReactionChange} from './types.js' */

/**
 * @param {Reaction[]} reactions
 * @param {ReactionChange} change
 * @param {'added' | 'removed'} kind
 * @param {string | null} myId
 * @returns {Reaction[]}
 */
export function reacted(reactions, { reaction, user_id, count }, kind, myId) {
  const known = reactions.find((one) => one.reaction === reaction);
  const mine = user_id === myId ? kind === 'added' : (known?.mine ?? false);
  if (count === 0) return reactions.filter((one) => one !== known);
  if (!known) return [...reactions, { reaction, count, mine }];
  return reactions.map((one) => (one === known ? { reaction, count, mine } : one));
}

/**
 * An edit may carry counts from before a reaction that was told of already: what is held stays.
 *
 * @param {Message} fresh
 * @param {Message | undefined} known
 * @returns {Message}
 */
export function keepReactions(fresh, known) {
  if (fresh.type === 'deleted') return { ...fresh, reactions: [] };
  return known?.reactions ? { ...fresh, reactions: known.reactions } : fresh;
}
