// @ts-check
/** Logging out with the token the server asks for; without it the form would be refused. */
import { call } from './api.js';

const form = document.getElementById('logout');
form?.addEventListener('submit', (event) => {
  event.preventDefault();
  call('POST', '/logout', { body: {} })
    .catch(() => {
      // The session may already be over: the login page is right either way.
    })
    .finally(() => window.location.assign('/login'));
});
