/** Collections that the language lacks. */
export { LruMap } from './lru-map.ts';
