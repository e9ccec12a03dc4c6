/** The catalogue of everything the screens say (`messages/en.json`), compiled and typed. */
export { m } from '#lib/paraglide/messages.js';
