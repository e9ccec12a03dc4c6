/** The client and our handler against each other: what a local node does, a remote one does too. */
import { beforeAll, describe, expect, test } from 'vitest';
import { toHex, utf8 } from '#lib/bytes/index.ts';
import { asMap, cborMap, CODEC, encodeCbor } from '#lib/codec/index.ts';
import {
  Bat,
  BatWithId,
  codeStepAt,
  hashBlockNow,
  oneTimeCode,
  rawBlockPrefix,
  signRequest,
  signTime,
  startCrypto,
} from '#lib/crypto/index.ts';
import type { LocalNode } from '#lib/node-local/index.ts';
import {
  BATS_LIST_PATH,
  BlockTooBig,
  ChampRootMissing,
  NameTaken,
  PATHS,
  PointerConflict,
  PointerRefused,
  Unauthorised,
  UnknownUser,
  UnknownWriter,
  WrongPassword,
  WrongSignature,
} from '#lib/protocol/index.ts';
import {
  champOf,
  cidOf,
  EMPTY_CHAMP,
  keyPair,
  NOW_MS,
  signedBlock,
  signedPointer,
  TestAccount,
} from '#lib/node-local/testing.ts';
import { served } from './testing.ts';
import type { ServedOptions } from './testing.ts';

const raw = (fill: number, length = 100) => new Uint8Array(length).fill(fill);

async function signedUp(options: ServedOptions = {}) {
  const client = served(options);
  // The account needs no more of a node than every node has.
  const account = await TestAccount.signUp(client.node as LocalNode);
  return { ...client, account };
}

beforeAll(async () => void (await startCrypto()));

describe.each([
  ['to our own server', {}],
  ['to a server of another make', { isForeign: true }],
  ['to a private server on this machine', { isLoopback: true, isPublic: false }],
  ['to a server that turns out to be private', { isPublic: false }],
])('a client %s', (_, options: ServedOptions) => {
  test('goes on with the code it signed in with where the server knows it again', async () => {
    const { node, account, bench } = await signedUp(options);
    const { identity, login, username } = account;
    await node.names.publicKey(username); // as a sign-in begins: now it is known what is offered
    const auth = (method: string) => signRequest(identity, `peergos/v0/login/${method}`, NOW_MS);
    const { credential, secret } = await node.secondFactors.addTotp(
      username,
      await auth('addTotp'),
    );
    const code = oneTimeCode(secret, codeStepAt(bench.time.nowMs));
    await node.secondFactors.enableTotp(username, credential, code, await auth('enableTotp'));
    const response = cborMap([
      ['i', credential],
      ['r', code],
    ]);
    const enter = async (session: Uint8Array) => {
      const signedMs = await signTime(login, NOW_MS);
      return node.accounts.getLogin(username, login.publicKey, signedMs, { response, session });
    };
    expect(asMap(await enter(raw(1, 32)), 'the login').get('a')).toBe(true);
    const again = enter(raw(1, 32));
    if (options.isForeign === true) await expect(again).rejects.toMatchObject({ reason: 'used' });
    else expect(asMap(await again, 'the login').get('a')).toBe(true);
    const waitSeconds = 30 - (Math.floor(NOW_MS / 1000) % 30);
    await expect(enter(raw(2, 32))).rejects.toMatchObject({ reason: 'used', waitSeconds });
    const repeated = node.secondFactors.addTotp(username, await auth('addTotp'));
    await expect(repeated).rejects.toMatchObject({ name: 'RequestRepeated', newestMs: NOW_MS });
  });

  test('signs up, and reads back names, chain, login record and mirror BATs', async () => {
    const { node, account, bench } = await signedUp(options);
    const { owner, username, login, identity } = account;
    expect(await node.names.publicKey(username)).toEqual(owner);
    expect(await node.names.publicKey('nobody')).toBeUndefined();
    expect(await node.names.nameOf(owner)).toBe(username);
    expect(await node.names.nameOf(keyPair('nobody').hash)).toBeUndefined();
    expect(await node.names.usernames()).toEqual([username]);
    expect(toHex(await node.names.chain(username))).toBe(
      toHex(await bench.node.names.chain(username)),
    );
    expect(toHex(await node.names.chain('nobody'))).toBe('80');
    const auth = await signTime(login, NOW_MS);
    const answer = asMap(await node.accounts.getLogin(username, login.publicKey, auth), 'login');
    expect(answer.get('a')).toBe(true);
    const bats = await node.bats.list(owner, await signRequest(identity, BATS_LIST_PATH, NOW_MS));
    expect(bats.map((bat) => bat.equals(account.mirrorBat))).toEqual([true]);
  });

  test('commits and reads what was committed', async () => {
    const { node, account, bench } = await signedUp(options);
    const { owner, home } = account;
    const key = raw(5, 32);
    const value = new Map([['v', utf8('content')]]);
    const champ = champOf([[key, cidOf(value)]]);
    const target = await account.commit(home, { tree: cidOf(champ) }, [value, champ]);
    const found = await node.blocks.champLookup(owner, cidOf(champ), [{ key }]);
    expect(found.map(({ bytes }) => toHex(bytes)).sort()).toEqual(
      [champ, value].map((each) => toHex(encodeCbor(each))).sort(),
    );
    const state = await node.blocks.get(owner, target);
    expect(hashBlockNow(state!, CODEC.dagCbor)).toEqual(target);
    expect(await node.blocks.sizeBytes(owner, target)).toBe(state!.length);
    expect(await node.blocks.get(owner, cidOf('absent'))).toBeUndefined();
    const stored = await bench.node.pointers.get(owner, home.hash);
    expect(toHex((await node.pointers.get(owner, home.hash))!)).toBe(toHex(stored!));
    expect(await node.pointers.get(owner, keyPair('nobody').hash)).toBeUndefined();
  });

  test('meets refusals by the names they have on a local node', async () => {
    const { node, account } = await signedUp(options);
    const { owner, home, login, username } = account;
    const put = async (signer = home, bytes = raw(1), format: 'raw' | 'dag-cbor' = 'raw') =>
      node.blocks.put(owner, signer.hash, [await signedBlock(signer, bytes)], format, 't1');
    await expect(put(keyPair('mallory'))).rejects.toBeInstanceOf(UnknownWriter);
    await expect(put(home, raw(1, 1_048_677))).rejects.toBeInstanceOf(BlockTooBig);
    const forged = {
      bytes: raw(1),
      authorisation: (await signedBlock(keyPair('m'), raw(1))).authorisation,
    };
    await expect(node.blocks.put(owner, home.hash, [forged], 'raw', 't')).rejects.toBeInstanceOf(
      WrongSignature,
    );
    await expect(
      node.blocks.champLookup(owner, cidOf('absent'), [{ key: raw(1, 32) }]),
    ).rejects.toBeInstanceOf(ChampRootMissing);
    const stale = await signedPointer(home, cidOf('elsewhere'), cidOf(EMPTY_CHAMP), 2);
    const conflict = await node.pointers.set(owner, home.hash, stale).catch((error) => error);
    expect(conflict).toBeInstanceOf(PointerConflict);
    expect(conflict).toMatchObject({ current: account.target(home), sequence: 1 });
    const many = node.pointers.setMany(owner, [{ writer: home.hash, signed: stale }]);
    await expect(many).rejects.toMatchObject({ current: account.target(home) });
    const foreign = await signedPointer(
      home,
      account.target(home),
      account.target(account.identity),
      2,
    );
    await expect(node.pointers.set(owner, home.hash, foreign)).rejects.toBeInstanceOf(
      PointerRefused,
    );
    const auth = await signTime(keyPair('wrong'), NOW_MS);
    const wrong = node.accounts.getLogin(username, keyPair('wrong').publicKey, auth);
    await expect(wrong).rejects.toBeInstanceOf(WrongPassword);
    const unknown = node.accounts.getLogin('nobody', login.publicKey, auth);
    await expect(unknown).rejects.toBeInstanceOf(UnknownUser);
  });

  test('shows BATs, and is refused without them', async () => {
    const { node, account } = await signedUp(options);
    const { owner, home } = account;
    const bat = new Bat(raw(7, 32));
    const bytes = new Uint8Array([...rawBlockPrefix([bat.inlineId()]), ...raw(1)]);
    const [cid] = await account.putRaw(home, 't1', [bytes, raw(2)]);
    await expect(node.blocks.get(owner, cid!)).rejects.toBeInstanceOf(Unauthorised);
    const shown = new BatWithId(bat, bat.secretHashId());
    expect(await node.blocks.get(owner, cid!, shown)).toEqual(bytes);
  });

  test('uploads in groups that fit a request and in the order asked for', async () => {
    const { node, account, seen } = await signedUp(options);
    const blocks = [
      ...Array.from({ length: 60 }, (_, i) => raw(i, 1_000)),
      ...Array.from({ length: 3 }, (_, i) => raw(100 + i, 600_000)),
    ];
    seen.length = 0;
    const cids = await account.putRaw(account.home, 't1', blocks);
    expect(cids).toEqual(blocks.map((bytes) => hashBlockNow(bytes, CODEC.raw)));
    expect(seen.filter(({ path }) => path === PATHS.blockPutBulk).length).toBe(4);
    expect(await Promise.all(cids.map((cid) => node.blocks.get(account.owner, cid)))).toEqual(
      blocks,
    );
  });
});

test('another identity cannot take a name', async () => {
  const { node, account } = await signedUp();
  const other = new TestAccount(node as LocalNode, 'bob');
  const request = await other.signUpRequest();
  await node.accounts.signUp(request);
  expect(await node.names.nameOf(other.owner)).toBe('bob');
  const thief = new TestAccount(node as LocalNode, account.username);
  Object.assign(thief, { identity: keyPair('thief') });
  await expect(node.accounts.signUp(await thief.signUpRequest())).rejects.toBeInstanceOf(NameTaken);
});
