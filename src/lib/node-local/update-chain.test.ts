import { beforeAll, describe, expect, test } from 'vitest';
import { utf8 } from '#lib/bytes/index.ts';
import { Cid, CODEC, decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import type { SigningKeyPair } from '#lib/crypto/index.ts';
import { sha256Now, signTime, startCrypto } from '#lib/crypto/index.ts';
import {
  BadClaimChain,
  BadName,
  claimChainFromCbor,
  claimChainToCbor,
  createClaimLink,
  NameTaken,
  NEVER_EXPIRES,
  WorkRequired,
  WrongHost,
} from '#lib/protocol/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';
import {
  cidOf,
  createBench,
  EMPTY_CHAMP,
  keyPair,
  ownedBy,
  TestAccount,
  UNASKED,
} from './testing.ts';
import type { LocalNode } from './local-node.ts';

beforeAll(() => startCrypto());

const ELSEWHERE = Cid.sha256(CODEC.libp2pKey, sha256Now(utf8('another node')));

async function claim(
  identity: SigningKeyPair,
  username: string,
  storageProviders: readonly Cid[],
  expiry = '2040-01-01',
  next?: SigningKeyPair,
): Promise<UserPublicKeyLink> {
  return createClaimLink(identity, { username, expiry, storageProviders }, next?.hash);
}

const update = (node: LocalNode, name: string, chain: UserPublicKeyLink[], work = UNASKED.work) =>
  node.names.updateChain(name, claimChainToCbor(chain), work, '');

async function chainOf(node: LocalNode, name: string) {
  return claimChainFromCbor(decodeBlock(await node.names.chain(name)));
}

async function createAccount() {
  const bench = createBench();
  const account = await TestAccount.signUp(bench.node);
  const here = await bench.node.blocks.nodeId();
  return { ...bench, account, here };
}

/** The two links of B-2 §4. */
async function succession(from: SigningKeyPair, to: SigningKeyPair, home: Cid) {
  return [
    await claim(from, 'alice', [], NEVER_EXPIRES, to),
    await claim(to, 'alice', [home], '2040-01-01'),
  ];
}

describe('a registered chain', () => {
  test('takes a renewed claim, free of work', async () => {
    const { account, here, deps } = await createAccount();
    const { node } = createBench({
      ...deps,
      signUps: { admits: 'nobody', difficultyBits: () => 256 },
    });
    await update(node, 'alice', [await claim(account.identity, 'alice', [here])]);
    expect((await chainOf(node, 'alice')).at(-1)?.claim.expiry).toBe('2040-01-01');
    const older = [await claim(account.identity, 'alice', [here], '2030-01-01')];
    await expect(update(node, 'alice', older)).rejects.toBeInstanceOf(BadClaimChain);
  });

  test('is not taken over by another identity', async () => {
    const { node, here } = await createAccount();
    const stolen = [await claim(keyPair('mallory'), 'alice', [here])];
    await expect(update(node, 'alice', stolen)).rejects.toBeInstanceOf(BadClaimChain);
    expect(await node.names.usernames()).toEqual(['alice']);
  });

  test('renewed by several at once keeps one whole chain', async () => {
    const { node, account, here } = await createAccount();
    const dates = ['2041-01-01', '2042-01-01', '2043-01-01'];
    const renewals = dates.map(async (expiry) =>
      update(node, 'alice', [await claim(account.identity, 'alice', [here], expiry)]),
    );
    await Promise.allSettled(renewals);
    expect((await chainOf(node, 'alice')).map((link) => link.claim.expiry)).toEqual(['2043-01-01']);
  });

  test('longer than ten links costs work', async () => {
    const { node, account, here, deps } = await createAccount();
    let identity = account.identity;
    for (let i = 0; i < 10; i++) {
      const next = keyPair(`identity ${i}`);
      await update(node, 'alice', await succession(identity, next, here));
      identity = next;
    }
    expect(await chainOf(node, 'alice')).toHaveLength(11);
    const busy = createBench({ ...deps, signUps: { admits: 'anyone', difficultyBits: () => 200 } });
    const renewal = [
      ...(await chainOf(node, 'alice')).slice(0, -1),
      await claim(identity, 'alice', [here], '2050-01-01'),
    ];
    await expect(update(busy.node, 'alice', renewal)).rejects.toBeInstanceOf(WorkRequired);
  });
});

describe('a new identity', () => {
  test('finds the data, writes, and both identities resolve to the name', async () => {
    const { node, account, here, time } = await createAccount();
    const next = keyPair('alice again');
    const children = await ownedBy(account.identity, [account.home, next]);
    await account.commit(account.identity, { owned: children.owned }, children.values);
    const own = await ownedBy(next, [account.home]);
    await account.commit(next, { owned: own.owned }, own.values);
    await update(node, 'alice', await succession(account.identity, next, here));

    expect(await node.names.publicKey('alice')).toEqual(next.hash);
    expect(await node.names.nameOf(account.owner)).toBe('alice');
    expect(await node.names.nameOf(next.hash)).toBe('alice');
    const target = account.target(account.home)!;
    expect(await node.blocks.get(next.hash, target)).toEqual(
      await node.blocks.get(account.owner, target),
    );

    const state = account.stateValue(account.home, { owned: cidOf(EMPTY_CHAMP), v: 2 });
    const [cid] = await account.put(account.home, 't', [state]);
    const pointer = await account.nextPointer(account.home, cid);
    await node.pointers.set(next.hash, account.home.hash, pointer);
    const usage = async (key: SigningKeyPair) =>
      node.space.usageBytes(key.hash, await signTime(key, time.nowMs), true);
    expect(await usage(next)).toBeGreaterThan(0);
    await expect(usage(account.identity)).rejects.toThrow('replaced');
    await node.collect(next.hash);
    expect(await node.blocks.get(account.owner, cid!)).toBeDefined();
  });

  test('of somebody else is refused', async () => {
    const { node, account, here } = await createAccount();
    const bob = await TestAccount.signUp(node, 'bob');
    const change = update(node, 'alice', await succession(account.identity, bob.identity, here));
    await expect(change).rejects.toBeInstanceOf(NameTaken);
    expect(await node.names.nameOf(bob.owner)).toBe('bob');
  });

  test('is never an old one again', async () => {
    const { node, account, here } = await createAccount();
    const next = keyPair('alice again');
    await update(node, 'alice', await succession(account.identity, next, here));
    const back = update(node, 'alice', await succession(next, account.identity, here));
    await expect(back).rejects.toBeInstanceOf(BadClaimChain);
  });
});

describe('a claim to another home', () => {
  test('closes the account here: reads go on, writes and sign-in do not, until it returns', async () => {
    const { node, account, here, time } = await createAccount();
    const { identity, home, login, owner } = account;
    await update(node, 'alice', [await claim(identity, 'alice', [ELSEWHERE], '2041-01-01')]);
    const put = () => account.put(home, 't', ['x']);
    const signIn = async () =>
      node.accounts.getLogin('alice', login.publicKey, await signTime(login, time.nowMs));
    const point = async () =>
      node.pointers.set(owner, home.hash, await account.nextPointer(home, undefined));
    for (const call of [put, signIn, point]) await expect(call()).rejects.toBeInstanceOf(WrongHost);
    expect(await node.blocks.get(owner, account.target(home)!)).toBeDefined();
    expect(await node.pointers.get(owner, home.hash)).toBeDefined();
    await update(node, 'alice', [await claim(identity, 'alice', [here], '2042-01-01')]);
    await put();
    await signIn();
  });
});

describe('a name registered before its data', () => {
  test('takes blocks and pointers of its identity afterwards', async () => {
    const { node } = createBench();
    const account = new TestAccount(node, 'carol');
    const here = await node.blocks.nodeId();
    await update(node, 'carol', [await claim(account.identity, 'carol', [here])]);
    await account.commit(account.identity, { owned: cidOf(EMPTY_CHAMP) }, [EMPTY_CHAMP]);
    expect(await node.names.publicKey('carol')).toEqual(account.owner);
  });

  test('is checked like any other first claim', async () => {
    const { node, deps } = createBench();
    const here = await node.blocks.nodeId();
    const before = await deps.records.list('names', '');
    const key = keyPair('carol');
    const refused: [string, UserPublicKeyLink[], unknown][] = [
      ['Carol', [await claim(key, 'Carol', [here])], BadName],
      ['old_name', [await claim(key, 'old_name', [here])], BadName],
      ['carol', [await claim(key, 'dave', [here])], BadClaimChain],
      ['carol', [await claim(key, 'carol', [ELSEWHERE])], WrongHost],
      ['carol', [], BadClaimChain],
    ];
    for (const [name, chain, error] of refused) {
      await expect(update(node, name, chain)).rejects.toBeInstanceOf(error);
    }
    expect(await deps.records.list('names', '')).toEqual(before);
    const malformed = node.names.updateChain('carol', encodeCbor('x'), UNASKED.work, '');
    await expect(malformed).rejects.toThrow('cannot be read');
  });
});
