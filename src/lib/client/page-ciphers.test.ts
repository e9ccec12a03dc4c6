import { expect, it } from 'vitest';
import { cipherWorkerCount } from './page-ciphers.ts';

it('starts two to four cipher workers, and leaves the engine a core', () => {
  expect([undefined, 1, 2, 4, 16].map(cipherWorkerCount)).toEqual([2, 2, 2, 3, 4]);
});
