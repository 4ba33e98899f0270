// @ts-check
/** What a shared report needs: its plots, and local times and names of countries. */
import { draw } from './plots.js';
import { localise } from './local.js';

localise();
draw();
