/** Reactions: chips under a message, and what one picks them from. */

/** @import {Message} from '../banter/types.js' */
import { h, icon } from '../dom.js';
import { openPopover } from './message-menu.js';

/** Fully qualified, as the server keeps them. */
const COMMON = ['👍', '❤️', '😂', '😮', '😢', '🙏', '🎉', '🔥'];

/** @type {Record<string, string>} */
const NAMES = {
  '👍': 'thumbs up', '❤️': 'heart', '😂': 'laughing', '😮': 'surprised', '😢': 'sad', '🙏': 'thanks', '🎉': 'party', '🔥': 'fire',
};

/**
 * @param {Message} message
 * @param {object} hooks
 * @param {(message: Message, reaction: string, wanted: boolean) => void} hooks.react
 * @param {(message: Message, button: HTMLElement) => void} hooks.openReactions
 */
export function reactionChips(message, { react, openReactions }) {
  const reactions = message.reactions ?? [];
  if (!reactions.length) return null;
  return h(
    'div',
    { class: 'reactions' },
    reactions.map(({ reaction, count, mine }) =>
      h(
        'button',
        {
          type: 'button', class: 'reaction', testid: 'reaction', 'data-reaction': reaction, 'aria-pressed': String(mine),
          'aria-label': `${NAMES[reaction] ?? reaction}, ${count}${mine ? ', yours' : ''}`,
          onclick: () => react(message, reaction, !mine),
        },
        h('span', { class: 'reaction-face' }, reaction), h('span', { class: 'reaction-count' }, count),
      ),
    ),
    h('button', {
      type: 'button', class: 'reaction add', testid: 'reaction-add', 'aria-label': 'Add a reaction', title: 'Add a reaction',
      onclick: (/** @type {Event} */ event) => openReactions(message, /** @type {HTMLElement} */ (event.currentTarget)),
    }, icon('smile')),
  );
}

/**
 * @param {HTMLElement} button What it hangs on.
 * @param {(reaction: string) => void} pick
 */
export function openReactionPicker(button, pick) {
  openPopover(button, 'reaction-picker', 'Reactions', (close) => {
    const choose = (/** @type {string} */ reaction) => {
      close();
      pick(reaction);
    };
    const other = h('input', { class: 'search-input', testid: 'reaction-other', maxlength: 255, placeholder: 'Another…', 'aria-label': 'Another reaction', autocomplete: 'off' });
    const onsubmit = (/** @type {Event} */ event) => {
      event.preventDefault();
      const reaction = other.value.trim();
      if (reaction) choose(reaction);
    };
    return [
      h(
        'div',
        { class: 'reaction-set' },
        COMMON.map((reaction) =>
          h('button', { type: 'button', testid: 'reaction-pick', 'data-reaction': reaction, 'aria-label': NAMES[reaction], title: NAMES[reaction], onclick: () => choose(reaction) }, reaction)),
      ),
      h('form', { onsubmit }, other),
    ];
  });
}
