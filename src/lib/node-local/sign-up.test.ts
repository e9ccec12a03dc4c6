/** Sign-up: all or nothing, bad input by name, and a crash at every store call (B-2 §6). */
import { beforeAll, describe, expect, test } from 'vitest';
import { concat, utf8 } from '#lib/bytes/index.ts';
import { cborMap, Cid, encodeCbor } from '#lib/codec/index.ts';
import type { CborMap, CborValue } from '#lib/codec/index.ts';
import { Bat, BatWithId, rawBlockPrefix, signBlock, signDetached } from '#lib/crypto/index.ts';
import { signRequest, startCrypto } from '#lib/crypto/index.ts';
import {
  BadClaimChain,
  BadName,
  BATS_ADD_PATH,
  BATS_LIST_PATH,
  claimChainToCbor,
  createClaimLink,
  MalformedRequest,
  NameTaken,
  PointerConflict,
  QuotaExceeded,
  UnknownWriter,
  WrongHost,
  WrongPassword,
  WrongSignature,
} from '#lib/protocol/index.ts';
import { vectorsOf } from '../../../tests/vectors/load.ts';
import { crashing, everything, isCrash } from './testing-stores.ts';
import { cidOf, createBench, EMPTY_CHAMP, keyPair, NOW_MS, seededRandom } from './testing.ts';
import { readLogin, signedPointer, TestAccount, UNASKED } from './testing.ts';
import { createLocalNode } from './local-node.ts';
import type { LocalNode } from './local-node.ts';

const mallory = keyPair('mallory');
const OTHER_NODE = Cid.parse('z5AanNVJCxnLw7eVXx32auaAehk77rpTbYxdVo4j7jWsZ4XD4JyMYe1');

beforeAll(async () => void (await startCrypto()));

/** A mirror BAT under every id that the vectors give to one. */
function mirrorBats(): { form: string; bat: BatWithId }[] {
  interface Named {
    name: string;
    withCborHashIdText: string;
    withSecretHashIdText: string;
  }
  const named = vectorsOf<Named>('bat').flatMap((vector) => [
    { form: `${vector.name}, the hash of its CBOR`, text: vector.withCborHashIdText },
    { form: `${vector.name}, the hash of its secret`, text: vector.withSecretHashIdText },
  ]);
  const mirrors = vectorsOf<{ name: string; withIdText: string }>('mirrorBat').map(
    ({ name, withIdText }) => ({ form: name, text: withIdText }),
  );
  return [...named, ...mirrors].map(({ form, text }) => ({ form, bat: BatWithId.parse(text) }));
}

describe('sign-up', () => {
  test('makes name, key, chain, state, login and BAT appear', async () => {
    const { node } = createBench();
    expect(await node.names.chain('alice')).toEqual(encodeCbor([]));
    const account = await TestAccount.signUp(node);
    expect((await node.names.publicKey('alice'))?.equals(account.owner)).toBe(true);
    expect(await node.names.nameOf(account.owner)).toBe('alice');
    expect(await node.names.chain('alice')).toEqual(
      encodeCbor((await account.signUpRequest()).chain),
    );
    expect(await readLogin(node, account, account.login)).toBe('first');
    const auth = await signRequest(account.identity, BATS_LIST_PATH, NOW_MS);
    const bats = await node.bats.list(account.owner, auth);
    expect(bats.map((bat) => bat.toSecretText())).toEqual([account.mirrorBat.toSecretText()]);
  });

  type Parts = Map<string, CborValue>;
  interface Bad {
    username?: string;
    chain?: (account: TestAccount, node: LocalNode) => Promise<CborValue>;
    parts?: (parts: Parts, account: TestAccount) => Promise<void> | void;
    opLog?: Uint8Array;
  }
  const opsOf = (parts: Parts) => [...(parts.get('ops') as CborMap[])];
  const changeOp = (index: number, change: (op: Parts) => unknown) => (parts: Parts) => {
    const ops = opsOf(parts);
    const op = new Map(ops[index]);
    change(op);
    ops[index] = op;
    parts.set('ops', ops);
  };
  const without = (index: number) => (parts: Parts) =>
    void parts.set(
      'ops',
      opsOf(parts).filter((_, i) => i !== index),
    );
  const claimedBy =
    (name: string, providers: number) => async (account: TestAccount, node: LocalNode) => {
      const storageProviders = Array.from({ length: providers }, () => node.blocks.nodeId());
      const content = {
        username: name,
        expiry: '2027-01-01',
        storageProviders: await Promise.all(storageProviders),
      };
      return claimChainToCbor([await createClaimLink(account.identity, content)]);
    };
  const withLogin =
    (change: (login: Parts) => unknown) => async (parts: Parts, account: TestAccount) => {
      const login = new Map(parts.get('login') as CborMap);
      change(login);
      parts.set('login', cborMap(login));
      parts.set('loginAuth', await signDetached(account.identity, encodeCbor(cborMap(login))));
    };

  // Operations: 0 proof, 1 owned champ, 2 identity state, 3 identity pointer,
  // 4 empty champ, 5 home state, 6 home pointer.
  const cases: [string, new (...args: never[]) => Error, Bad][] = [
    ['a reserved name', BadName, { username: 'admin' }],
    ['a name with a slash', BadName, { username: 'a/b' }],
    ['the name constructor', BadName, { username: 'constructor' }],
    ['a claim to another name', BadClaimChain, { chain: claimedBy('bob', 1) }],
    ['a claim without home', BadClaimChain, { chain: claimedBy('alice', 0) }],
    ['a claim with two homes', BadClaimChain, { chain: claimedBy('alice', 2) }],
    ['no claim', BadClaimChain, { chain: async () => [] }],
    ['a claim that is no claim', MalformedRequest, { chain: async () => ['alice'] }],
    [
      'a claim of another node',
      WrongHost,
      {
        chain: (account) =>
          claimedBy('alice', 1)(account, createBench({ nodeId: OTHER_NODE }).node),
      },
    ],
    ['no operations', MalformedRequest, { parts: (parts) => void parts.set('ops', []) }],
    ['garbage', MalformedRequest, { opLog: utf8('garbage') }],
    [
      'more than 65,536 bytes',
      MalformedRequest,
      { parts: (parts) => void parts.set('x', new Uint8Array(65_536)) },
    ],
    [
      'an operation that is none',
      MalformedRequest,
      { parts: (parts) => void parts.set('ops', ['op']) },
    ],
    [
      'a block signed by another',
      WrongSignature,
      {
        parts: async (parts) => {
          const s = await signBlock(mallory, encodeCbor(EMPTY_CHAMP));
          changeOp(4, (op) => op.set('s', s))(parts);
        },
      },
    ],
    [
      'a changed block',
      WrongSignature,
      { parts: changeOp(0, (op) => op.set('b', encodeCbor('else'))) },
    ],
    [
      'a block that is no CBOR',
      MalformedRequest,
      { parts: changeOp(4, (op) => op.set('b', Uint8Array.of(0xff))) },
    ],
    [
      'an empty block',
      MalformedRequest,
      { parts: changeOp(4, (op) => op.set('b', new Uint8Array())) },
    ],
    [
      'a pointer signed by another',
      WrongSignature,
      {
        parts: async (parts) => {
          const s = await signedPointer(mallory, undefined, cidOf('x'), 1);
          changeOp(6, (op) => op.set('s', s))(parts);
        },
      },
    ],
    [
      'no pointer',
      MalformedRequest,
      { parts: (parts) => void parts.set('ops', opsOf(parts).slice(0, 3)) },
    ],
    ['a child without proof', UnknownWriter, { parts: without(0) }],
    [
      'a pointer that moves from where it is not',
      PointerConflict,
      { parts: (parts) => void parts.set('ops', [...opsOf(parts), opsOf(parts)[6]!]) },
    ],
    ['half a login record', MalformedRequest, { parts: (parts) => void parts.delete('login') }],
    [
      'a login signed by nobody',
      WrongSignature,
      { parts: (parts) => void parts.set('loginAuth', new Uint8Array(64)) },
    ],
    [
      'a login without signature',
      WrongSignature,
      { parts: (parts) => void parts.set('loginAuth', new Uint8Array()) },
    ],
    [
      'the login of another name',
      MalformedRequest,
      { parts: withLogin((login) => login.set('u', 'bob')) },
    ],
    ['a login without a key', MalformedRequest, { parts: withLogin((login) => login.delete('r')) }],
    [
      'a login with a short nonce',
      MalformedRequest,
      { parts: withLogin((login) => login.set('e', [new Uint8Array(23), new Uint8Array()])) },
    ],
    ['half a mirror BAT', MalformedRequest, { parts: (parts) => void parts.delete('a') }],
    [
      'a mirror BAT under a wrong id',
      MalformedRequest,
      {
        parts: (parts, account) =>
          void parts.set(
            'b',
            new BatWithId(
              account.mirrorBat.bat,
              Bat.random(seededRandom('o')).secretHashId(),
            ).toCbor(),
          ),
      },
    ],
    [
      'a mirror BAT signed by another',
      WrongSignature,
      { parts: async (parts) => void parts.set('a', await signRequest(mallory, BATS_ADD_PATH, 0)) },
    ],
    [
      'a mirror BAT signed for something else',
      WrongSignature,
      {
        parts: async (parts, account) =>
          void parts.set('a', await signRequest(account.identity, BATS_LIST_PATH, 0)),
      },
    ],
  ];
  test.each(cases)('refuses %s and stores nothing', async (_what, error, bad) => {
    const { node, deps } = createBench();
    const account = new TestAccount(node, 'alice');
    const request = await account.signUpRequest();
    const parts = await account.opLogParts();
    await bad.parts?.(parts, account);
    const { username = 'alice', opLog = encodeCbor(cborMap(parts)) } = bad;
    const chain = (await bad.chain?.(account, node)) ?? request.chain;
    const before = await everything(deps.records);
    const refused = node.accounts.signUp({ username, chain, opLog, ...UNASKED });
    await expect(refused).rejects.toBeInstanceOf(error);
    expect(await everything(deps.records)).toEqual(before);
    expect(await deps.blocks.list('')).toEqual([]);
    await node.accounts.signUp(request); // the name is still free
  });

  test('of the oldest kind brings no login record, and nobody signs in by one', async () => {
    const { node, deps } = createBench();
    const account = new TestAccount(node, 'alice');
    const parts = await account.opLogParts();
    for (const key of ['login', 'loginAuth']) parts.delete(key);
    const request = await account.signUpRequest();
    await node.accounts.signUp({ ...request, opLog: encodeCbor(cborMap(parts)) });
    expect(await deps.records.list('logins', '')).toEqual([]);
    await expect(readLogin(node, account, account.login)).rejects.toBeInstanceOf(WrongPassword);
    await account.commit(account.home, { owned: cidOf(EMPTY_CHAMP), v: 1 });
  });

  test('takes what a writer writes before the state that lists the writer', async () => {
    const { node } = createBench();
    const account = new TestAccount(node, 'alice');
    const parts = await account.opLogParts();
    const ops = parts.get('ops') as CborMap[];
    parts.set('ops', [...ops.slice(4), ...ops.slice(0, 4)]);
    const request = await account.signUpRequest();
    await node.accounts.signUp({ ...request, opLog: encodeCbor(cborMap(parts)) });
    expect(await readLogin(node, account, account.login)).toBe('first');
    await account.commit(account.home, { owned: cidOf(EMPTY_CHAMP), v: 1 });
  });

  test('takes a pointer that moves several times, and the last state counts', async () => {
    const { node } = createBench();
    const account = new TestAccount(node, 'alice');
    const parts = await account.opLogParts();
    const next = account.stateValue(account.home, { owned: cidOf(EMPTY_CHAMP), v: 1 });
    const moved = await account.nextPointer(account.home, cidOf(next));
    const more = [
      cborMap([
        ['w', account.home.hash],
        ['s', await signBlock(account.home, encodeCbor(next))],
        ['b', encodeCbor(next)],
        ['r', false],
      ]),
      cborMap([
        ['w', account.home.hash],
        ['s', moved],
      ]),
    ];
    parts.set('ops', [...(parts.get('ops') as CborMap[]), ...more]);
    const request = await account.signUpRequest();
    await node.accounts.signUp({ ...request, opLog: encodeCbor(cborMap(parts)) });
    account.note(account.home, cidOf(next));
    expect(await node.pointers.get(account.owner, account.home.hash)).toEqual(moved);
    await account.commit(account.home, { owned: cidOf(EMPTY_CHAMP), v: 2 });
  });

  test.each(mirrorBats())(
    'takes a mirror BAT under $form, and it opens blocks',
    async ({ bat }) => {
      const { node } = createBench();
      const account = new TestAccount(node, 'alice');
      const parts = await account.opLogParts();
      parts.set('b', bat.toCbor());
      const request = await account.signUpRequest();
      await node.accounts.signUp({ ...request, opLog: encodeCbor(cborMap(parts)) });
      const auth = await signRequest(account.identity, BATS_LIST_PATH, NOW_MS);
      const [listed] = await node.bats.list(account.owner, auth);
      expect(listed?.equals(bat)).toBe(true);
      const add = await signRequest(account.identity, BATS_ADD_PATH, NOW_MS);
      await node.bats.add(account.owner, BatWithId.parse(bat.toSecretText()), add);
      const own = Bat.random(seededRandom('own'));
      const block = concat(rawBlockPrefix([own.inlineId(), bat.id]), utf8('content'));
      const [cid] = await account.putRaw(account.home, 't', [block]);
      expect(await node.blocks.get(account.owner, cid!, bat)).toEqual(block);
    },
  );

  test('refuses a taken name and a known identity', async () => {
    const { node } = createBench();
    await TestAccount.signUp(node);
    const other = new TestAccount(node, 'mallory');
    const parts = await other.opLogParts();
    const login = cborMap(
      [...(parts.get('login') as CborMap)].map(([k, v]) => [k, k === 'u' ? 'alice' : v] as const),
    );
    parts.set('login', login);
    parts.set('loginAuth', await signDetached(other.identity, encodeCbor(login)));
    const storageProviders = [await node.blocks.nodeId()];
    const claim = { username: 'alice', expiry: '2030-01-01', storageProviders };
    const chain = claimChainToCbor([await createClaimLink(other.identity, claim)]);
    const request = { username: 'alice', chain, opLog: encodeCbor(cborMap(parts)), ...UNASKED };
    await expect(node.accounts.signUp(request)).rejects.toBeInstanceOf(NameTaken);
  });

  test('refuses an account that exceeds the quota', async () => {
    const { node } = createBench({ quotaBytes: () => -2_000_000 });
    await expect(TestAccount.signUp(node)).rejects.toBeInstanceOf(QuotaExceeded);
  });

  test('of one name from several instances at once succeeds once', async () => {
    const { node, deps } = createBench();
    const account = new TestAccount(node, 'alice');
    const request = await account.signUpRequest();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 6 }, () => createLocalNode(deps).accounts.signUp(request)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(NameTaken);
    }
    expect(await readLogin(node, account, account.login)).toBe('first');
  });

  test('leaves all or nothing when the process dies at any store call', async () => {
    let calls = 0;
    for (let isDone = false; !isDone; calls++) {
      const { node, deps } = createBench();
      await node.blocks.nodeId();
      const account = new TestAccount(node, 'alice');
      const request = await account.signUpRequest();
      for (const when of ['before', 'after'] as const) {
        const dying = createLocalNode(crashing(deps, calls, when));
        isDone = await dying.accounts.signUp(request).then(() => true, isCrash);
        if (isDone) break;
        if ((await node.names.publicKey('alice')) === undefined) continue;
        expect(await readLogin(node, account, account.login)).toBe('first');
        break;
      }
      if ((await node.names.publicKey('alice')) === undefined) await node.accounts.signUp(request);
      expect(await readLogin(node, account, account.login)).toBe('first');
      await account.commit(account.home, { owned: cidOf(EMPTY_CHAMP), v: 1 });
    }
    expect(calls).toBeGreaterThan(8);
  });
});
