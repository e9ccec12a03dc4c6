/** For the tests of this room: the same assertions on the reference and on the chosen engines. */
import { beforeAll, describe, expect } from 'vitest';
import type { Random } from '#lib/bytes/index.ts';
import { startCrypto } from './start.ts';

/**
 * Runs `body` on the reference, then on the engines that `startCrypto` picks, all of which must
 * pass their self-test. Once a file: engines stay in use when they are.
 */
export function onEveryEngine(title: string, body: () => void): void {
  describe(`${title}, reference`, body);
  describe(`${title}, engines`, () => {
    beforeAll(async () => {
      expect((await startCrypto()).refused).toEqual([]);
    });
    body();
  });
}

/** Answers the given byte strings one after the other: for outputs whose nonces are known. */
export function scriptedRandom(...answers: readonly Uint8Array[]): Random {
  const left = [...answers];
  return (length) => {
    const answer = left.shift();
    if (answer?.length !== length) throw new Error(`no answer of ${length} bytes was scripted`);
    return answer;
  };
}
