/** For the tests of this room: the same assertions on the reference and on the chosen engines. */
import { beforeAll, describe, expect } from 'vitest';
import { toHex, type Random } from '#lib/bytes/index.ts';
import { inUse } from './engine.ts';
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

/** How often SHA-256 was asked for the same input during `work`, by the input in hex. */
export async function countingHashes(work: () => Promise<void>): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const { sha256, sha256Now } = inUse;
  const counted =
    <T>(hash: (data: Uint8Array) => T) =>
    (data: Uint8Array): T => {
      const input = toHex(data);
      counts.set(input, (counts.get(input) ?? 0) + 1);
      return hash(data);
    };
  Object.assign(inUse, { sha256: counted(sha256), sha256Now: counted(sha256Now) });
  try {
    await work();
  } finally {
    Object.assign(inUse, { sha256, sha256Now });
  }
  return counts;
}
