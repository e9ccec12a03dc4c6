import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '#lib/bytes/index.ts';
import { cborMap, Cid, CODEC, decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import { Signer, SigningKeyPair } from '#lib/crypto/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { partA, partB, vectorsOf } from '../../../tests/vectors/load.ts';
import {
  MalformedPointer,
  nextSequence,
  openPointer,
  pointerUpdateFromCbor,
  pointerUpdateToCbor,
  signPointer,
} from '#lib/protocol/index.ts';
import type { PointerUpdate } from '#lib/protocol/index.ts';
import {
  createLastingPointerMemory,
  createPointerMemory,
  PointerRolledBack,
} from './pointer-memory.ts';

const cidOf = (text: string | null): Cid | undefined =>
  text === null ? undefined : Cid.parse(text);
const target = (n: number): Cid => Cid.sha256(CODEC.dagCbor, new Uint8Array(32).fill(n));
const plain = (update: PointerUpdate) => ({
  original: update.original?.toString() ?? null,
  updated: update.updated?.toString() ?? null,
  sequence: update.sequence?.toString() ?? null,
});

interface Line {
  original: string | null;
  updated: string | null;
  sequence: number | string | null;
  cbor: string;
  seed: string;
  signed: string;
}

describe('golden pointers', () => {
  for (const line of vectorsOf<Line>('pointerUpdate')) {
    it(line.name, async () => {
      const update: PointerUpdate = {
        original: cidOf(line.original),
        updated: cidOf(line.updated),
        sequence: line.sequence === null ? undefined : BigInt(line.sequence),
      };
      const cbor = encodeCbor(pointerUpdateToCbor(update));
      expect(toHex(cbor)).toBe(line.cbor);
      const pair = SigningKeyPair.fromSeed(fromHex(line.seed));
      expect(toHex(await signPointer(Signer.of(pair), update))).toBe(line.signed);
      const opened = await openPointer(pair.hash, fromHex(line.signed));
      expect(plain(opened)).toEqual(plain(update));
    });
  }

  for (const line of vectorsOf<{ cbor: string }>('pointerUpdateReject')) {
    it(`refuses ${line.name}`, () => {
      const value = decodeCbor(fromHex(line.cbor));
      expect(() => pointerUpdateFromCbor(value)).toThrow(MalformedPointer);
    });
  }

  it('the batch of several writers', async () => {
    interface Batch {
      updates: { writer: string; seed: string; pointerCbor: string }[];
      cbor: string;
    }
    for (const line of vectorsOf<Batch>('multiWriterCommit')) {
      const updates = await Promise.all(
        line.updates.map(async ({ seed, pointerCbor }) => {
          const pair = SigningKeyPair.fromSeed(fromHex(seed));
          const update = pointerUpdateFromCbor(decodeCbor(fromHex(pointerCbor)));
          const signed = await signPointer(Signer.of(pair), update);
          return cborMap([
            ['s', signed],
            ['w', pair.hash],
          ]);
        }),
      );
      expect(toHex(encodeCbor(cborMap([['p', updates]])))).toBe(line.cbor);
    }
  });

  it('the values printed with A-11', async () => {
    const values = partA<Record<string, string>>('pointers');
    const { writerSeed } = partA<{ writerSeed: string }>('keys');
    const signer = Signer.of(SigningKeyPair.fromSeed(fromHex(writerSeed)));
    const opened = await openPointer(signer.hash, fromHex(values['signedByWriter']!));
    expect(toHex(encodeCbor(pointerUpdateToCbor(opened)))).toBe(values['firstUpdateCbor']);
    expect(toHex(await signPointer(signer, opened))).toBe(values['signedByWriter']);
    const deletion = { original: opened.updated, updated: undefined, sequence: 300 };
    expect(toHex(encodeCbor(pointerUpdateToCbor(deletion)))).toBe(values['deletionSeq300Cbor']);
  });

  it.each([
    ['pointer', 'block', 'cidText'],
    ['identityPointer', 'identityWriterData', 'cid'],
  ])('the %s printed with B-8', async (name, target, member) => {
    const { seed } = partB<{ seed: string }>('identity');
    const signer = Signer.of(SigningKeyPair.fromSeed(fromHex(seed)));
    const updated = Cid.parse(partB<Record<string, string>>(target)[member]!);
    const { bytes } = partB<{ bytes: string }>(name);
    const first = { original: undefined, updated, sequence: 1 };
    expect(toHex(await signPointer(signer, first))).toBe(bytes);
    expect(await openPointer(signer.hash, fromHex(bytes))).toEqual(first);
  });
});

describe('hostile pointers', () => {
  const alice = SigningKeyPair.fromSeed(new Uint8Array(32).fill(1));
  const bob = SigningKeyPair.fromSeed(new Uint8Array(32).fill(2));
  const update = { original: undefined, updated: target(1), sequence: 1 };

  it("refuses another writer's pointer and a changed one", async () => {
    const signed = await signPointer(Signer.of(bob), update);
    await expect(openPointer(alice.hash, signed)).rejects.toThrow();
    const mine = await signPointer(Signer.of(alice), update);
    for (const i of [0, 63, 64, mine.length - 1]) {
      const changed = mine.slice();
      changed[i]! ^= 1;
      await expect(openPointer(alice.hash, changed)).rejects.toThrow();
    }
    await expect(openPointer(alice.hash, new Uint8Array(10))).rejects.toThrow();
  });

  it('refuses what is not an update', () => {
    for (const value of [
      null,
      [],
      [null],
      [null, target(1).bytes, 'one'],
      [null, target(1), 1],
      [null, new Uint8Array(3), 1],
      [null, target(1).bytes, 1, 1],
    ]) {
      expect(() => pointerUpdateFromCbor(value)).toThrow(MalformedPointer);
    }
  });

  it('does not build an update that moves nothing', () => {
    const still = { original: target(1), updated: target(1), sequence: 2 };
    expect(() => pointerUpdateToCbor(still)).toThrow(MalformedPointer);
  });
});

it('sequences begin at one, grow by one and survive the largest number', () => {
  expect(nextSequence(undefined)).toBe(1);
  expect(nextSequence(7)).toBe(8);
  expect(nextSequence(Number.MAX_SAFE_INTEGER)).toBe(2n ** 53n);
});

describe.each([
  ['within a session', createPointerMemory],
  ['in records', () => createLastingPointerMemory(createMemoryStores().records)],
  [
    'in records that have no room',
    () => createLastingPointerMemory(createMemoryStores({ capacityBytes: 0 }).records),
  ],
])('a memory of pointers %s', (_, create) => {
  const writer = SigningKeyPair.fromSeed(new Uint8Array(32).fill(1)).hash;
  const state = (n: number | undefined, sequence: number | bigint | undefined) => ({
    target: n === undefined ? undefined : target(n),
    sequence,
  });

  it('accepts the same and newer states, refuses older and contradicting ones', async () => {
    const memory = create();
    await memory.see(writer, state(undefined, undefined));
    await memory.see(writer, state(1, 1));
    await memory.see(writer, state(1, 1));
    await memory.see(writer, state(2, 5));
    await memory.see(writer, state(undefined, 6));
    await memory.see(writer, state(2, 2n ** 60n));
    const refused = [
      state(2, 5),
      state(3, 2n ** 60n),
      state(undefined, 2n ** 60n),
      state(undefined, undefined),
      state(1, undefined),
    ];
    for (const each of refused) {
      await expect(memory.see(writer, each)).rejects.toBeInstanceOf(PointerRolledBack);
    }
    await memory.see(writer, state(2, 2n ** 60n));
  });

  it('keeps writers apart and takes a legacy pointer without sequence as it is', async () => {
    const memory = create();
    await memory.see(writer, state(1, 9));
    const other = SigningKeyPair.fromSeed(new Uint8Array(32).fill(2)).hash;
    await memory.see(other, state(1, undefined));
    await memory.see(other, state(2, undefined));
    await memory.see(other, state(1, 1));
  });
});

it('a lasting memory is shared by all who use the records', async () => {
  const { records } = createMemoryStores();
  const writer = SigningKeyPair.fromSeed(new Uint8Array(32).fill(1)).hash;
  const states = Array.from({ length: 20 }, (_, i) => ({ target: target(i), sequence: i + 1 }));
  await Promise.allSettled(
    states.map((state) => createLastingPointerMemory(records).see(writer, state)),
  );
  await createLastingPointerMemory(records).see(writer, { target: target(19), sequence: 20 });
  await expect(createLastingPointerMemory(records).see(writer, states[18]!)).rejects.toBeInstanceOf(
    PointerRolledBack,
  );
});
