/** Pointers: compare-and-set, sequence, ownership, several instances at once (A-6 §4, B-6 §3). */
import { beforeAll, describe, expect, test } from 'vitest';
import { concat, fromHex, toHex } from '#lib/bytes/index.ts';
import { encodeCbor } from '#lib/codec/index.ts';
import type { CborValue, Cid } from '#lib/codec/index.ts';
import { ownerProof, sign, SigningKeyPair, startCrypto } from '#lib/crypto/index.ts';
import {
  MalformedRequest,
  openPointerUpdate,
  PointerConflict,
  PointerRefused,
  pointerStateOf,
  UnknownWriter,
  WrongSignature,
} from '#lib/protocol/index.ts';
import { partA, vectorsOf } from '../../../tests/vectors/load.ts';
import { champOf, cidOf, createBench, EMPTY_CHAMP, keyPair } from './testing.ts';
import { ownedBy, signedBlock, signedPointer, TestAccount } from './testing.ts';
import { createLocalNode } from './local-node.ts';

const OWNS_NOTHING = { owned: cidOf(EMPTY_CHAMP) };

async function createAccount() {
  const bench = createBench();
  return { ...bench, account: await TestAccount.signUp(bench.node) };
}

beforeAll(async () => void (await startCrypto()));

describe('golden pointer updates', () => {
  interface PointerVector {
    original: string | null;
    updated: string | null;
    sequence: number | null;
    seed: string;
    signed: string;
    cbor: string;
  }
  test.each(vectorsOf<PointerVector>('pointerUpdate'))('$name', async (vector) => {
    const { hash } = SigningKeyPair.fromSeed(fromHex(vector.seed));
    const update = await openPointerUpdate(hash, fromHex(vector.signed));
    expect(update.original?.toString() ?? null).toBe(vector.original);
    expect(update.updated?.toString() ?? null).toBe(vector.updated);
    expect(update.sequence ?? null).toBe(vector.sequence);
    const state = pointerStateOf(fromHex(vector.signed));
    expect(state.target?.toString() ?? null).toBe(vector.updated);
  });

  test.each(vectorsOf<PointerVector>('pointerUpdateReject'))('$name', async ({ cbor }) => {
    const pair = keyPair('writer');
    const signed = await sign(pair, fromHex(cbor));
    await expect(openPointerUpdate(pair.hash, signed)).rejects.toBeInstanceOf(MalformedRequest);
  });

  test('a sequence number that no double holds exactly is refused', async () => {
    const pair = keyPair('writer');
    const signed = (sequence: number | bigint) =>
      sign(pair, encodeCbor([null, cidOf(EMPTY_CHAMP).bytes, sequence]));
    const largest = Number.MAX_SAFE_INTEGER;
    expect((await openPointerUpdate(pair.hash, await signed(largest))).sequence).toBe(largest);
    const opening = openPointerUpdate(pair.hash, await signed(2n ** 53n));
    await expect(opening).rejects.toBeInstanceOf(MalformedRequest);
  });

  test('the first update of the protocol page', async () => {
    const { firstUpdateCbor, signedByWriter } = partA<Record<string, string>>('pointers');
    expect(signedByWriter!.endsWith(firstUpdateCbor!)).toBe(true);
    const state = pointerStateOf(fromHex(signedByWriter!));
    expect([state.sequence, toHex(state.target!.bytes).slice(0, 8)]).toEqual([1, '01711220']);
  });
});

describe('an update is refused', () => {
  interface Bad {
    writer?: SigningKeyPair;
    signer?: SigningKeyPair;
    original?: Cid | undefined;
    sequence?: number | undefined;
    state?: CborValue;
    isUnstored?: boolean;
    change?: (signed: Uint8Array) => Uint8Array;
  }
  const mallory = keyPair('mallory');
  const home = keyPair('alice home');
  const cases: [string, new (...args: never[]) => Error, Bad][] = [
    ['with another target', PointerConflict, { original: cidOf('other') }],
    ['as if it were the first', PointerConflict, { original: undefined }],
    ['with the same sequence', PointerRefused, { sequence: 1 }],
    ['with a lower sequence', PointerRefused, { sequence: 0 }],
    ['with a negative sequence', PointerRefused, { sequence: -5 }],
    ['without a sequence', PointerRefused, { sequence: undefined }],
    ['signed by another key', WrongSignature, { signer: mallory }],
    ['of an unknown writer', UnknownWriter, { writer: mallory, signer: mallory }],
    [
      'of a writer of another account, from a state it is not in',
      PointerConflict,
      { writer: keyPair('bob home'), signer: keyPair('bob home') },
    ],
    ['to a state that is not stored', PointerRefused, { isUnstored: true }],
    [
      'to a state of another controller',
      PointerRefused,
      { state: new Map([['controller', mallory.hash]]) },
    ],
    ['to a state without controller', MalformedRequest, { state: new Map([['owned', cidOf(1)]]) }],
    ['to something that is no state', MalformedRequest, { state: ['text'] }],
    [
      'to a state with a field of another type',
      MalformedRequest,
      {
        state: new Map<string, CborValue>([
          ['tree', 1],
          ['controller', home.hash],
        ]),
      },
    ],
    [
      'to a state whose owned keys are not stored',
      PointerRefused,
      {
        state: new Map([
          ['owned', cidOf('nowhere')],
          ['controller', home.hash],
        ]),
      },
    ],
    [
      'with a trailing byte',
      MalformedRequest,
      { change: (signed) => concat(signed, Uint8Array.of(0)) },
    ],
    ['that is too long', MalformedRequest, { change: () => new Uint8Array(148) }],
    ['that is empty', WrongSignature, { change: () => new Uint8Array() }],
  ];
  test.each(cases)('%s', async (what, error, bad) => {
    const { node, deps, account } = await createAccount();
    await TestAccount.signUp(node, 'bob');
    const state = bad.state ?? account.stateValue(home, OWNS_NOTHING);
    const writer = bad.writer ?? home;
    // A fresh state each time: nothing but the fault under test may be wrong.
    const target =
      bad.isUnstored === true
        ? cidOf('nowhere')
        : (
            await account.put(home, 't', [
              bad.state === undefined ? account.stateValue(home, { ...OWNS_NOTHING, v: 1 }) : state,
            ])
          )[0];
    const original = 'original' in bad ? bad.original : account.target(home);
    const sequence = 'sequence' in bad ? bad.sequence : 2;
    const signer = bad.signer ?? home;
    let signed = await signedPointer(signer, original, target, sequence);
    if (bad.change !== undefined) {
      const inner = signed.subarray(64);
      signed =
        what === 'with a trailing byte' ? await sign(home, bad.change(inner)) : bad.change(signed);
    }
    const before = await deps.records.list('pointers', '');
    await expect(node.pointers.set(account.owner, writer.hash, signed)).rejects.toBeInstanceOf(
      error,
    );
    const { owned } = await ownedBy(account.identity, [account.home]);
    const goodState = account.stateValue(account.identity, { owned, v: 1 });
    await account.put(account.identity, 't', [goodState]);
    const good = await account.nextPointer(account.identity, cidOf(goodState));
    const withGood = node.pointers.setMany(account.owner, [
      { writer: account.owner, signed: good },
      { writer: writer.hash, signed },
    ]);
    await expect(withGood).rejects.toBeInstanceOf(error);
    expect(await deps.records.list('pointers', '')).toEqual(before);
  });

  test('when one request names a writer twice', async () => {
    const { node, account } = await createAccount();
    const signed = await account.nextPointer(account.home, undefined);
    const updates = [1, 2].map(() => ({ writer: account.home.hash, signed }));
    await expect(node.pointers.setMany(account.owner, updates)).rejects.toBeInstanceOf(
      MalformedRequest,
    );
  });
});

test('a conflict says what the pointer is now', async () => {
  const { node, account } = await createAccount();
  const current = await account.commit(account.home, { ...OWNS_NOTHING, v: 1 });
  const signed = await signedPointer(account.home, cidOf('stale'), cidOf('x'), 9);
  const error = await node.pointers
    .set(account.owner, account.home.hash, signed)
    .catch((e: unknown) => e);
  expect(error).toBeInstanceOf(PointerConflict);
  expect((error as PointerConflict).current?.equals(current)).toBe(true);
  expect((error as PointerConflict).sequence).toBe(2);
});

test('sequence numbers may leave gaps', async () => {
  const { node, account } = await createAccount();
  const state = account.stateValue(account.home, { ...OWNS_NOTHING, v: 1 });
  const [target] = await account.put(account.home, 't', [state]);
  const signed = await signedPointer(account.home, account.target(account.home), target, 70);
  await node.pointers.set(account.owner, account.home.hash, signed);
  expect(await node.pointers.get(account.owner, account.home.hash)).toEqual(signed);
});

test('after a deletion the space can be written again, with a higher sequence only', async () => {
  const { node, account } = await createAccount();
  const { home, owner } = account;
  await node.pointers.set(owner, home.hash, await account.nextPointer(home, undefined));
  account.note(home, undefined);
  const replayed = await signedPointer(home, undefined, cidOf('first'), 1);
  await expect(node.pointers.set(owner, home.hash, replayed)).rejects.toBeInstanceOf(
    PointerRefused,
  );
  await account.commit(home, OWNS_NOTHING, [EMPTY_CHAMP]);
});

test('exactly one of many instances that change one pointer at once succeeds', async () => {
  const { deps, account } = await createAccount();
  const outcomes = await Promise.allSettled(
    Array.from({ length: 12 }, async (_, v) => {
      const node = createLocalNode(deps);
      const state = account.stateValue(account.home, { ...OWNS_NOTHING, v });
      await account.put(account.home, 't', [state]);
      const signed = await account.nextPointer(account.home, cidOf(state));
      await node.pointers.set(account.owner, account.home.hash, signed);
    }),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(PointerConflict);
  }
});

describe('ownership', () => {
  const child = keyPair('child');

  test('begins with the state that lists a proven key, and reaches down the tree', async () => {
    const { account } = await createAccount();
    await expect(account.put(child, 't', ['x'])).rejects.toBeInstanceOf(UnknownWriter);
    const { owned, values } = await ownedBy(account.home, [child]);
    await account.commit(account.home, { owned }, values);
    await account.commit(child, OWNS_NOTHING, [EMPTY_CHAMP, 'x']);
    const grandchild = keyPair('grandchild');
    const below = await ownedBy(child, [grandchild]);
    await account.commit(child, { owned: below.owned }, below.values);
    await account.commit(grandchild, OWNS_NOTHING, ['y']);
  });

  test('by name works as well', async () => {
    const { account } = await createAccount();
    const named = new Map([['pki', await ownerProof(child, account.home.hash)]]);
    await account.commit(account.home, { ...OWNS_NOTHING, named });
    await account.commit(child, OWNS_NOTHING, [EMPTY_CHAMP]);
  });

  test.each([
    ['for another parent', async () => ownerProof(child, keyPair('else').hash)],
    ['of another child', async () => ownerProof(keyPair('else'), keyPair('alice home').hash)],
    ['that is no proof', async () => 'trust me'],
  ])('does not follow from a proof %s', async (_what, makeProof) => {
    const { account } = await createAccount();
    const proof = await makeProof();
    const champ = champOf([[encodeCbor(child.hash).slice().reverse(), cidOf(proof)]]);
    await account.commit(account.home, { owned: cidOf(champ) }, [proof, champ]);
    await expect(account.put(child, 't', ['x'])).rejects.toBeInstanceOf(UnknownWriter);
  });

  test('does not follow from a proof that is not stored', async () => {
    const { account } = await createAccount();
    const { owned, values } = await ownedBy(account.home, [child]);
    await account.commit(account.home, { owned }, values.slice(1));
    await expect(account.put(child, 't', ['x'])).rejects.toBeInstanceOf(UnknownWriter);
  });

  test('ends when the key is no longer listed: it may only clear its pointer', async () => {
    const { node, account } = await createAccount();
    const { owned, values } = await ownedBy(account.home, [child]);
    await account.commit(account.home, { owned }, values);
    await account.commit(child, OWNS_NOTHING, [EMPTY_CHAMP]);
    await account.commit(account.home, OWNS_NOTHING);
    await expect(account.put(child, 't', ['x'])).rejects.toBeInstanceOf(UnknownWriter);
    const cleared = await account.nextPointer(child, undefined);
    await node.pointers.set(account.owner, child.hash, cleared);
  });

  test('is not taken from another account', async () => {
    const { node, account } = await createAccount();
    const bob = await TestAccount.signUp(node, 'bob');
    const { owned, values } = await ownedBy(account.home, [child]);
    await account.commit(account.home, { owned }, values);
    const stolen = await ownedBy(bob.home, [child]);
    await bob.commit(bob.home, { owned: stolen.owned }, stolen.values);
    const [cid] = await bob.put(child, 't', ['x']);
    expect(await node.blocks.get(bob.owner, cid!)).toBeUndefined();
    expect(await node.blocks.get(account.owner, cid!)).toEqual(encodeCbor('x'));
  });

  test('moves between writers in one batch', async () => {
    const { node, account } = await createAccount();
    const { owned, values } = await ownedBy(account.home, [child]);
    await account.commit(account.home, { owned }, values);
    const moved = await ownedBy(account.identity, [account.home, child]);
    const states = [
      account.stateValue(account.identity, { owned: moved.owned }),
      account.stateValue(account.home, OWNS_NOTHING),
    ];
    await account.put(account.home, 't', [...moved.values, ...states]);
    const updates = [account.identity, account.home].map(async (writer, i) => ({
      writer: writer.hash,
      signed: await account.nextPointer(writer, cidOf(states[i]!)),
    }));
    await node.pointers.setMany(account.owner, await Promise.all(updates));
    await expect(account.put(child, 't', ['x'])).resolves.toHaveLength(1);
  });
});

describe('pointers of two accounts in one batch', () => {
  /** Both states stored under the owner that clients name, with the updates that lead to them. */
  async function twoAccounts() {
    const { node, account } = await createAccount();
    const bob = await TestAccount.signUp(node, 'bob');
    const update = async (of: TestAccount) => {
      const state = of.stateValue(of.home, { ...OWNS_NOTHING, v: 1 });
      const block = await signedBlock(of.home, encodeCbor(state));
      await node.blocks.put(account.owner, of.home.hash, [block], 'dag-cbor', 't');
      return { writer: of.home.hash, signed: await of.nextPointer(of.home, cidOf(state)) };
    };
    const updates = [await update(account), await update(bob)];
    const stored = async () => [
      await node.pointers.get(account.owner, account.home.hash),
      await node.pointers.get(bob.owner, bob.home.hash),
    ];
    return { node, account, bob, updates, stored };
  }

  test('move together, whichever owner is named', async () => {
    const { node, account, bob, updates, stored } = await twoAccounts();
    await node.pointers.setMany(account.owner, updates);
    expect(await stored()).toEqual(updates.map(({ signed }) => signed));
    for (const of of [account, bob]) {
      of.note(of.home, pointerStateOf(await node.pointers.get(of.owner, of.home.hash)).target);
      await of.commit(of.home, { ...OWNS_NOTHING, v: 2 });
    }
  });

  test.each([0, 1])('none of them moves when number %i is refused', async (refused) => {
    const { node, account, bob, updates, stored } = await twoAccounts();
    const before = await stored();
    const of = [account, bob][refused]!;
    const signed = await signedPointer(of.home, cidOf('other'), of.target(of.home), 2);
    const wrong = updates.map((update, i) => (i === refused ? { ...update, signed } : update));
    const moving = node.pointers.setMany(account.owner, wrong);
    await expect(moving).rejects.toBeInstanceOf(PointerConflict);
    expect(await stored()).toEqual(before);
  });

  test('are refused if the owner named is not here', async () => {
    const { node, updates } = await twoAccounts();
    const moving = node.pointers.setMany(keyPair('nobody').hash, updates);
    await expect(moving).rejects.toBeInstanceOf(UnknownWriter);
  });
});
