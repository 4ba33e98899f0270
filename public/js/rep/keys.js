// @ts-check
/**
 * The console's keys: Ctrl+Shift and a letter. Some browsers keep one of these for themselves (a private
 * window, say), so that Alt+Shift with the same letter does the same. `?` shows the list.
 */

/** @typedef {'next' | 'mute' | 'camera' | 'hold' | 'transfer' | 'blur' | 'end' | 'status'} Action */

/** @type {Record<string, Action>} */
const LETTERS = { KeyN: 'next', KeyM: 'mute', KeyV: 'camera', KeyH: 'hold', KeyX: 'transfer', KeyL: 'blur', KeyE: 'end', KeyS: 'status' };

/** The keys in the order in which they are listed. */
export const KEYS = /** @type {{letter: string, action: Action}[]} */ (
  Object.entries(LETTERS).map(([code, action]) => ({ letter: code.slice(3), action }))
);

export const DIALOG_ID = 'keys-dialog';

export function showKeys() {
  const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById(DIALOG_ID));
  if (dialog && !dialog.open) dialog.showModal();
}

/** @param {Record<Action, () => void>} actions */
export function listenToKeys(actions) {
  document.addEventListener('keydown', (event) => {
    if (event.repeat) return;
    const typing = event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [contenteditable]');
    if (event.key === '?' && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      showKeys();
      return;
    }
    if (!event.shiftKey || event.metaKey || event.ctrlKey === event.altKey) return;
    const action = LETTERS[event.code];
    if (!action) return;
    event.preventDefault();
    actions[action]();
  });
}
