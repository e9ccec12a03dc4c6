/** Sign-up, login and password change: bad input by name, and a crash at every store call. */
import { beforeAll, describe, expect, test } from 'vitest';
import { utf8 } from '#lib/bytes/index.ts';
import { cborMap, Cid, encodeCbor } from '#lib/codec/index.ts';
import type { CborMap, CborValue } from '#lib/codec/index.ts';
import {
  Bat,
  BatWithId,
  signBlock,
  signDetached,
  signRequest,
  signTime,
  startCrypto,
} from '#lib/crypto/index.ts';
import type { SigningKeyPair } from '#lib/crypto/index.ts';
import {
  BadClaimChain,
  BadName,
  BATS_ADD_PATH,
  BATS_LIST_PATH,
  claimChainToCbor,
  createClaimLink,
  createLocalNode,
  MalformedRequest,
  NameTaken,
  PointerConflict,
  QuotaExceeded,
  StaleClock,
  UnknownUser,
  UnknownWriter,
  WrongHost,
  WrongPassword,
  WrongSignature,
} from './index.ts';
import type { LocalNode } from './index.ts';
import { crashing, everything, isCrash } from './testing-stores.ts';
import { cidOf, createBench, EMPTY_CHAMP, keyPair, NOW_MS, ownedBy } from './testing.ts';
import { signedPointer, TestAccount } from './testing.ts';

const DAY_MS = 86_400_000;
const mallory = keyPair('mallory');
const OTHER_NODE = Cid.parse('z5AanNVJCxnLw7eVXx32auaAehk77rpTbYxdVo4j7jWsZ4XD4JyMYe1');

beforeAll(async () => void (await startCrypto()));

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
    expect(bats.map((bat) => bat.toString())).toEqual([account.mirrorBat.toString()]);
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
    [
      'a child before its parent',
      UnknownWriter,
      {
        parts: (parts) =>
          void parts.set('ops', [...opsOf(parts).slice(4), ...opsOf(parts).slice(0, 4)]),
      },
    ],
    ['a child without proof', UnknownWriter, { parts: without(0) }],
    [
      'the same pointer twice',
      MalformedRequest,
      { parts: (parts) => void parts.set('ops', [...opsOf(parts), opsOf(parts)[6]!]) },
    ],
    ['no login record', MalformedRequest, { parts: (parts) => void parts.delete('login') }],
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
            new BatWithId(account.mirrorBat.bat, account.mirrorBat.bat.cborHashId()).toCbor(),
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
    await expect(node.accounts.signUp({ username, chain, opLog })).rejects.toBeInstanceOf(error);
    expect(await everything(deps.records)).toEqual(before);
    expect(await deps.blocks.list('')).toEqual([]);
    await node.accounts.signUp(request); // the name is still free
  });

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
    const request = { username: 'alice', chain, opLog: encodeCbor(cborMap(parts)) };
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

describe('login', () => {
  const bad: [
    string,
    new (...args: never[]) => Error,
    Partial<Record<'name' | 'author' | 'signer' | 'ageMs', unknown>>,
  ][] = [
    ['an unknown user', UnknownUser, { name: 'bob' }],
    ['another login key', WrongPassword, { author: mallory, signer: mallory }],
    ['the identity key', WrongPassword, { author: keyPair('alice identity') }],
    ['a time signed by another key', WrongSignature, { signer: mallory }],
    ['a time a day ago', StaleClock, { ageMs: DAY_MS + 1 }],
    ['a time in a day', StaleClock, { ageMs: -DAY_MS - 1 }],
  ];
  test.each(bad)('refuses %s', async (_what, error, request) => {
    const { node } = createBench();
    const account = await TestAccount.signUp(node);
    const { name = 'alice', author = account.login, signer = account.login, ageMs = 0 } = request;
    const auth = await signTime(signer as SigningKeyPair, NOW_MS - (ageMs as number));
    const login = node.accounts.getLogin(
      name as string,
      (author as SigningKeyPair).publicKey,
      auth,
    );
    await expect(login).rejects.toBeInstanceOf(error);
  });

  test.each([-DAY_MS, DAY_MS])('accepts a clock that is off by %i ms', async (offMs) => {
    const { node } = createBench();
    const account = await TestAccount.signUp(node);
    const auth = await signTime(account.login, NOW_MS + offMs);
    await node.accounts.getLogin('alice', account.login.publicKey, auth);
  });
});

describe('a password change', () => {
  test('switches login key and algorithm together', async () => {
    const { node } = createBench();
    const account = await TestAccount.signUp(node);
    const change = await passwordChange(account, 'second');
    await node.accounts.setLogin('alice', change.bytes, change.auth);
    expect(await readLogin(node, account, change.login)).toBe('second');
    await expect(readLogin(node, account, account.login)).rejects.toBeInstanceOf(WrongPassword);
    const replayed = node.accounts.setLogin('alice', change.bytes, change.auth);
    await expect(replayed).rejects.toBeInstanceOf(PointerConflict);
  });

  test('without a new state replaces the record alone', async () => {
    const { node } = createBench();
    const account = await TestAccount.signUp(node);
    const bytes = encodeCbor(account.loginData(mallory, 'third'));
    await node.accounts.setLogin('alice', bytes, await signDetached(account.identity, bytes));
    expect(await readLogin(node, account, mallory)).toBe('third');
  });

  test('leaves exactly one password working when the process dies at any store call', async () => {
    let calls = 0;
    const seen = new Set<string>();
    for (let isDone = false; !isDone; calls++) {
      for (const when of ['before', 'after'] as const) {
        const { node, deps } = createBench();
        const account = await TestAccount.signUp(node);
        const change = await passwordChange(account, 'second');
        const dying = createLocalNode(crashing(deps, calls, when));
        isDone = await dying.accounts
          .setLogin('alice', change.bytes, change.auth)
          .then(() => true, isCrash);
        const attempts = await Promise.allSettled([
          readLogin(node, account, account.login),
          readLogin(node, account, change.login),
        ]);
        const working = attempts.flatMap((a) => (a.status === 'fulfilled' ? [a.value] : []));
        expect(working).toHaveLength(1);
        const signed = await node.pointers.get(account.owner, account.owner);
        const isNewState = change.pointer.every((byte, i) => byte === signed?.[i]);
        expect(working[0]).toBe(isNewState ? 'second' : 'first');
        seen.add(working[0]!);
      }
    }
    expect([...seen].sort()).toEqual(['first', 'second']);
    expect(calls).toBeGreaterThan(8);
  });

  type Change = Awaited<ReturnType<typeof passwordChange>>;
  const bad: [
    string,
    new (...args: never[]) => Error,
    (change: Change, account: TestAccount) => Promise<[string, Uint8Array, Uint8Array]>,
  ][] = [
    ['for an unknown user', UnknownUser, async ({ bytes, auth }) => ['bob', bytes, auth]],
    [
      'signed by another key',
      WrongSignature,
      async ({ bytes }) => ['alice', bytes, await signDetached(mallory, bytes)],
    ],
    [
      'signed by the login key',
      WrongSignature,
      async ({ bytes }, account) => ['alice', bytes, await signDetached(account.login, bytes)],
    ],
    [
      'with a bit flipped',
      WrongSignature,
      async ({ bytes, auth }) => ['alice', bytes.map((b, i) => (i === 9 ? b ^ 1 : b)), auth],
    ],
    [
      'with attached signature',
      WrongSignature,
      async ({ bytes, auth }) => ['alice', bytes, Uint8Array.of(...auth, 0)],
    ],
    [
      'too long',
      MalformedRequest,
      async (_, account) => signedData(account, cborMap([['x', new Uint8Array(17_000)]])),
    ],
    ['that is garbage', MalformedRequest, async (_, account) => signedData(account, 'garbage')],
    [
      'of another user',
      MalformedRequest,
      async ({ data }, account) => signedData(account, cborMap(new Map(data).set('u', 'bob'))),
    ],
    [
      'with a block and no pointer',
      MalformedRequest,
      async ({ data }, account) =>
        signedData(account, cborMap([...data].filter(([key]) => key !== 'p'))),
    ],
    [
      'with a pointer and no block',
      MalformedRequest,
      async ({ data }, account) =>
        signedData(account, cborMap([...data].filter(([key]) => key !== 'b'))),
    ],
    [
      'of another writer',
      MalformedRequest,
      async ({ data }, account) =>
        signedData(
          account,
          cborMap(
            new Map(data).set(
              'p',
              cborMap([
                ['w', account.home.hash],
                ['s', new Uint8Array(64)],
              ]),
            ),
          ),
        ),
    ],
  ];
  test.each(bad)('%s is refused and changes nothing', async (_what, error, make) => {
    const { node, deps } = createBench();
    const account = await TestAccount.signUp(node);
    const before = await everything(deps.records);
    const [name, bytes, auth] = await make(await passwordChange(account, 'second'), account);
    await expect(node.accounts.setLogin(name, bytes, auth)).rejects.toBeInstanceOf(error);
    expect(await everything(deps.records)).toEqual(before);
  });
});

describe('BATs and space', () => {
  test('are for their owner, now, and for this purpose', async () => {
    const { node } = createBench();
    const { owner, identity } = await TestAccount.signUp(node);
    const list = async (signer: SigningKeyPair, path: string, atMs: number) =>
      node.bats.list(owner, await signRequest(signer, path, atMs));
    await expect(list(mallory, BATS_LIST_PATH, NOW_MS)).rejects.toBeInstanceOf(WrongSignature);
    await expect(list(identity, BATS_ADD_PATH, NOW_MS)).rejects.toBeInstanceOf(WrongSignature);
    await expect(list(identity, BATS_LIST_PATH, NOW_MS - 300_001)).rejects.toBeInstanceOf(
      StaleClock,
    );
    await expect(list(identity, BATS_LIST_PATH, NOW_MS + 300_000)).resolves.toHaveLength(1);
    await expect(
      node.space.usageBytes(owner, await signTime(mallory, NOW_MS)),
    ).rejects.toBeInstanceOf(WrongSignature);
    await expect(
      node.space.quotaBytes(mallory.hash, await signTime(mallory, NOW_MS)),
    ).rejects.toBeInstanceOf(UnknownUser);
  });

  test('are added once, in order', async () => {
    const { node } = createBench();
    const { owner, identity } = await TestAccount.signUp(node);
    const bat = new Bat(new Uint8Array(32).fill(5));
    const auth = await signRequest(identity, BATS_ADD_PATH, NOW_MS);
    const mirror = new BatWithId(bat, bat.secretHashId());
    await node.bats.add(owner, mirror, auth);
    await node.bats.add(owner, mirror, auth);
    const listed = await node.bats.list(owner, await signRequest(identity, BATS_LIST_PATH, NOW_MS));
    expect(listed.map(({ id }) => id.toString()).slice(1)).toEqual([mirror.id.toString()]);
    await expect(node.bats.add(owner, bat.withId(), auth)).rejects.toBeInstanceOf(MalformedRequest);
  });
});

async function readLogin(
  node: LocalNode,
  account: TestAccount,
  login: SigningKeyPair,
): Promise<string> {
  const auth = await signTime(login, NOW_MS);
  const answer = (await node.accounts.getLogin(account.username, login.publicKey, auth)) as CborMap;
  return new TextDecoder().decode((answer.get('r') as Uint8Array[])[1]);
}

async function passwordChange(account: TestAccount, content: string) {
  const login = keyPair(`login ${content}`);
  const current = account.target(account.identity);
  const { owned } = await ownedBy(account.identity, [account.home]);
  const value = account.stateValue(account.identity, {
    algorithm: cborMap([['s', content]]),
    owned,
  });
  const pointer = await signedPointer(account.identity, current, cidOf(value), 2);
  const data = cborMap([
    ...(account.loginData(login, content) as CborMap),
    [
      'b',
      cborMap([
        ['w', account.owner],
        ['s', await signBlock(account.identity, encodeCbor(value))],
        ['b', encodeCbor(value)],
        ['r', false],
      ]),
    ],
    [
      'p',
      cborMap([
        ['w', account.owner],
        ['s', pointer],
      ]),
    ],
  ]);
  const bytes = encodeCbor(data);
  return { login, data, bytes, auth: await signDetached(account.identity, bytes), pointer };
}

async function signedData(
  account: TestAccount,
  data: CborValue,
): Promise<[string, Uint8Array, Uint8Array]> {
  const bytes = encodeCbor(data);
  return ['alice', bytes, await signDetached(account.identity, bytes)];
}
