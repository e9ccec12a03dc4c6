export { default } from '../lazy.js';
