// @ts-check
/* A classic script, loaded before the first paint, so that a chosen theme never flashes the other one.
   Without a choice the system decides; choosing what the system already says takes the choice back. */
(() => {
  const KEY = 'bannerline.theme';
  const root = document.documentElement;
  const dark = window.matchMedia('(prefers-color-scheme: dark)');

  /** @returns {string | null} */
  function stored() {
    try {
      return window.localStorage.getItem(KEY);
    } catch {
      return null; // Storage can be forbidden; then the system decides.
    }
  }

  /** @param {string | null} theme */
  function store(theme) {
    try {
      if (theme) window.localStorage.setItem(KEY, theme);
      else window.localStorage.removeItem(KEY);
    } catch {
      // Kept for this page only.
    }
  }

  const system = () => (dark.matches ? 'dark' : 'light');
  const current = () => root.dataset.theme ?? system();

  const wish = stored();
  if (wish === 'light' || wish === 'dark') root.dataset.theme = wish;

  document.addEventListener('DOMContentLoaded', () => {
    const button = document.getElementById('theme-toggle');
    if (!button) return;
    const show = () => button.setAttribute('aria-pressed', String(current() === 'dark'));
    button.hidden = false;
    show();
    dark.addEventListener('change', show);
    button.addEventListener('click', () => {
      const next = current() === 'dark' ? 'light' : 'dark';
      if (next === system()) {
        delete root.dataset.theme;
        store(null);
      } else {
        root.dataset.theme = next;
        store(next);
      }
      show();
    });
  });
})();
