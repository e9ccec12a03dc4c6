import { describe, expect, test } from 'vitest';
import { concat, fromHex, toHex } from '#lib/bytes/index.ts';
import { asBytes, asMap, decodeBlock } from '#lib/codec/index.ts';
import { partB, vectorsOf } from '../../../tests/vectors/load.ts';
import { isWorkDone, satisfiesDifficulty, solveProofOfWork } from './proof-of-work.ts';

interface Solved {
  readonly difficulty: number;
  readonly data: string;
  readonly prefix: string;
}
interface Checked {
  readonly difficulty: number;
  readonly hash: string;
  readonly satisfied: boolean;
}

describe('proof of work (B-2 §5)', () => {
  test.each(vectorsOf<Solved>('proofOfWork'))('$name: the first prefix', async (line) => {
    const data = fromHex(line.data);
    expect(toHex(await solveProofOfWork(line.difficulty, data))).toBe(line.prefix);
    expect(isWorkDone(fromHex(line.prefix), data, line.difficulty)).toBe(true);
  });

  test.each(vectorsOf<Checked>('proofOfWorkCheck'))('$name: the odd bits are low ones', (line) => {
    expect(satisfiesDifficulty(fromHex(line.hash), line.difficulty)).toBe(line.satisfied);
  });

  test.each([0, 1])('the value %i printed with B-8', async (index) => {
    const printed = partB<{ difficulty: number; cbor: string }[]>('proofOfWork')[index]!;
    const link = fromHex(partB<{ cbor: string }>('claimLink').cbor);
    const data = printed.difficulty === 0 ? link : concat(Uint8Array.of(0x81), link);
    const work = asMap(decodeBlock(fromHex(printed.cbor)), 'work');
    const prefix = await solveProofOfWork(printed.difficulty, data);
    expect(toHex(prefix)).toBe(toHex(asBytes(work.get('prefix'), 'prefix')));
  });

  test('256 bits can be asked for, and no more', () => {
    expect(satisfiesDifficulty(new Uint8Array(32), 256)).toBe(true);
    expect(satisfiesDifficulty(new Uint8Array(32).fill(1, 31), 256)).toBe(false);
    expect(satisfiesDifficulty(new Uint8Array(32), 257)).toBe(false);
  });

  test('the search stops when it is told to', async () => {
    const stop = new AbortController();
    const search = solveProofOfWork(200, new Uint8Array(10), stop.signal);
    setTimeout(() => stop.abort(), 20);
    await expect(search).rejects.toThrow('abort');
  });
});
