/** Login and password change: bad input by name, and a crash at every store call (B-3). */
import { beforeAll, describe, expect, test } from 'vitest';
import { cborMap, encodeCbor } from '#lib/codec/index.ts';
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
  BATS_ADD_PATH,
  BATS_LIST_PATH,
  MalformedRequest,
  PointerConflict,
  RequestRepeated,
  StaleClock,
  UnknownUser,
  WrongPassword,
  WrongSignature,
} from '#lib/protocol/index.ts';
import { crashing, everything, isCrash } from './testing-stores.ts';
import { cidOf, createBench, keyPair, NOW_MS, ownedBy } from './testing.ts';
import { readLogin, signedPointer, TestAccount } from './testing.ts';
import { createLocalNode } from './local-node.ts';

const DAY_MS = 86_400_000;
const mallory = keyPair('mallory');

beforeAll(async () => void (await startCrypto()));

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

  test('is not undone by sending an older record again, nor hindered by the same one', async () => {
    const { node, deps } = createBench();
    const account = await TestAccount.signUp(node);
    const set = async (data: CborValue, through = node) => {
      const bytes = encodeCbor(data);
      const auth = await signDetached(account.identity, bytes);
      await through.accounts.setLogin('alice', bytes, auth);
    };
    const [first, second, third] = [
      account.loginData(account.login, 'first'),
      account.loginData(keyPair('second'), 'second'),
      account.loginData(keyPair('third'), 'third'),
    ];
    await set(second);
    await set(second);
    await set(third);
    for (const old of [first, second]) {
      await expect(set(old, createLocalNode(deps))).rejects.toBeInstanceOf(MalformedRequest);
    }
    expect(await readLogin(node, account, keyPair('third'))).toBe('third');
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
    const auth = (laterMs: number) => signRequest(identity, BATS_ADD_PATH, NOW_MS + laterMs);
    const mirror = new BatWithId(bat, bat.secretHashId());
    await node.bats.add(owner, mirror, await auth(0));
    await node.bats.add(owner, mirror, await auth(1));
    const listed = await node.bats.list(owner, await signRequest(identity, BATS_LIST_PATH, NOW_MS));
    expect(listed.map(({ id }) => id.toString()).slice(1)).toEqual([mirror.id.toString()]);
    const wrong = new BatWithId(bat, new Bat(new Uint8Array(32).fill(6)).secretHashId());
    await expect(node.bats.add(owner, wrong, await auth(2))).rejects.toBeInstanceOf(
      MalformedRequest,
    );
  });

  test('cannot be added by who sends an owner’s request again', async () => {
    const { node } = createBench();
    const { owner, identity } = await TestAccount.signUp(node);
    const batOf = (fill: number) => {
      const bat = new Bat(new Uint8Array(32).fill(fill));
      return new BatWithId(bat, bat.secretHashId());
    };
    const auth = await signRequest(identity, BATS_ADD_PATH, NOW_MS);
    await node.bats.add(owner, batOf(5), auth);
    await expect(node.bats.add(owner, batOf(6), auth)).rejects.toBeInstanceOf(RequestRepeated);
    const old = await signRequest(identity, BATS_ADD_PATH, NOW_MS - 1);
    await expect(node.bats.add(owner, batOf(6), old)).rejects.toBeInstanceOf(RequestRepeated);
    const listed = await node.bats.list(owner, await signRequest(identity, BATS_LIST_PATH, NOW_MS));
    expect(listed).toHaveLength(2);
  });
});

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
