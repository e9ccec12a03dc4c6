/** Requests that must be refused, each with its status and text, and without a fault of the node. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { concat, fromHex, toHex, toMultibase, utf8 } from '#lib/bytes/index.ts';
import { BLOCK_MAX_BYTES, cborMap, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { Bat, rawBlockPrefix, signRequest, signTime } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { PATHS } from '#lib/protocol/index.ts';
import {
  cidOf,
  createBench,
  keyPair,
  NOW_MS,
  signedBlock,
  signedPointer,
} from '#lib/node-local/testing.ts';
import { TestAccount } from '#lib/node-local/testing.ts';
import { framed } from '../wire/framing.ts';
import { asking } from './testing/asking.ts';
import type { Answer, Ask, Question } from './testing/asking.ts';

const BAT = new Bat(new Uint8Array(32).fill(3));
const SECRET_BLOCK = concat(rawBlockPrefix([BAT.inlineId()]), utf8('hidden'));

let alice: TestAccount;
let ask: Ask;
let faults: unknown[];
let owner: string;
let home: string;

async function begin(): Promise<void> {
  const bench = createBench();
  ({ ask, faults } = asking(bench.node));
  alice = await TestAccount.signUp(bench.node);
  owner = alice.owner.toString();
  home = alice.home.hash.toString();
}

beforeAll(begin);

function refused(answer: Answer, error: string, status = 400): void {
  expect([answer.status, answer.error, answer.body]).toEqual([status, error, '']);
  expect(faults).toEqual([]);
}

async function upload(
  block: Uint8Array,
  signer = alice.home,
  change: (parts: Map<string, CborValue>) => void = () => undefined,
): Promise<Uint8Array> {
  const { authorisation } = await signedBlock(signer, block);
  const parts = new Map<string, CborValue>([
    ['b', [block]],
    ['s', [authorisation]],
  ]);
  change(parts);
  return encodeCbor(cborMap(parts));
}

const putQuery = (changes: Record<string, string> = {}) => ({
  owner,
  writer: home,
  transaction: 'tid',
  format: 'raw',
  ...changes,
});

describe('an upload', () => {
  const put = async (body: Uint8Array, changes: Record<string, string> = {}) =>
    ask(PATHS.blockPutBulk, { query: putQuery(changes), body });

  test('signed by another key', async () => {
    const body = await upload(utf8('block'), keyPair('mallory'));
    refused(await put(body), 'Invalid signature for block!');
  });

  test('with the signature of another block', async () => {
    const { authorisation } = await signedBlock(alice.home, utf8('other'));
    const body = await upload(utf8('block'), alice.home, (p) => p.set('s', [authorisation]));
    refused(await put(body), 'Invalid signature for block!');
  });

  test('by a foreign writer', async () => {
    const mallory = keyPair('mallory');
    const writer = mallory.hash.toString();
    const body = await upload(utf8('block'), mallory);
    refused(await put(body, { writer }), `Writer not present on this server: ${writer}`);
  });

  test('for an owner nobody knows', async () => {
    const stranger = keyPair('stranger').hash.toString();
    const body = await upload(utf8('block'));
    refused(await put(body, { owner: stranger }), `Unknown identity key: ${stranger}`);
  });

  test('of a block one byte too large', async () => {
    const body = await upload(new Uint8Array(BLOCK_MAX_BYTES + 1));
    refused(await put(body), 'Block too big!');
    const largest = await put(await upload(new Uint8Array(BLOCK_MAX_BYTES)));
    expect(largest.status).toBe(200);
  });

  test('of CBOR that is none', async () => {
    refused(
      await put(await upload(fromHex('ff')), { format: 'dag-cbor' }),
      'A block cannot be read: CBOR has a float, an undefined or an unknown simple value.',
    );
  });

  test('beyond the quota says how much is used', async () => {
    const bench = createBench({ signUps: { admits: 'anyone', quotaBytes: 100_000 } });
    const bob = await TestAccount.signUp(bench.node, 'bob');
    const { ask: askBob } = asking(bench.node);
    const body = await upload(new Uint8Array(300_000), bob.home);
    const writer = bob.home.hash.toString();
    const query = putQuery({ owner: bob.owner.toString(), writer });
    const answer = await askBob(PATHS.blockPutBulk, { query, body });
    const stored = await bench.node.storedBytes();
    expect(answer.error).toBe(
      `Storage quota reached! \nUsed ${stored} out of 100000 bytes. Rejecting write of size ` +
        '300000. \nPlease delete some files or request more space.',
    );
  });

  test.each([
    ['is no CBOR', 'ff'],
    ['ends early', 'a2616281'],
    ['is no map', '80'],
    ['lacks the signatures', 'a1616280'],
    ['claims a huge list', 'a261629b7fffffffffffffff'],
  ])('whose body %s', async (_, hex) => {
    const answer = await put(fromHex(hex));
    expect([answer.status, answer.error]).toEqual([400, expect.stringContaining('The upload')]);
    expect(faults).toEqual([]);
  });

  test('with fewer signatures than blocks', async () => {
    const body = await upload(utf8('block'), alice.home, (p) => p.set('s', []));
    refused(await put(body), 'Different number of of blocks and signatures! 1 != 0');
  });

  test('in an unknown format', async () => {
    const body = await upload(utf8('block'));
    refused(await put(body, { format: 'dag-pb' }), 'The format of the blocks is unknown.');
  });
});

describe('a read', () => {
  let cid: string;
  beforeEach(async () => {
    cid = (await alice.putRaw(alice.home, 'tid', [SECRET_BLOCK]))[0]!.toString();
  });
  const get = (more: Record<string, string> = {}) =>
    ask(PATHS.blockGet, { query: { arg: cid, owner, ...more } });

  test('of a protected block without its BAT, or with another one', async () => {
    refused(await get(), 'Unauthorised!');
    const other = new Bat(new Uint8Array(32)).withId().toSecretText();
    refused(await get({ bat: other }), 'Unauthorised!');
    expect((await get({ bat: BAT.withId().toSecretText() })).body).toBe(toHex(SECRET_BLOCK));
  });

  test('with a BAT that is none repeats nothing of it', async () => {
    const answer = await get({ bat: toMultibase(utf8('a secret')) });
    expect(answer.status).toBe(400);
    expect(answer.error).toMatch(/^The parameter "bat" cannot be read/u);
    expect(answer.error).not.toContain('secret');
  });

  test('with "not modified" asked for shows nothing without the BAT', async () => {
    const headers = { 'If-None-Match': `"${cid}"` };
    refused(await ask(PATHS.blockGet, { query: { arg: cid, owner }, headers }), 'Unauthorised!');
  });

  test('of a champ whose root is not here, or with too many keys', async () => {
    const root = cidOf('nothing');
    const caps = (count: number) =>
      toMultibase(encodeCbor(Array.from({ length: count }, () => cborMap([['m', BAT.secret]]))));
    const lookUp = (count: number) =>
      ask(PATHS.champGetBulk, { query: { arg: root.toString(), owner, caps: caps(count) } });
    refused(await lookUp(20), `Champ root not present locally: ${root.toString()}`);
    refused(await lookUp(21), 'Too many caps in bulk champ get call! 21');
  });
});

describe('a pointer update', () => {
  beforeEach(begin);
  const set = (body: Uint8Array, query: Record<string, string> = {}) =>
    ask(PATHS.setPointer, { query: { owner, writer: home, ...query }, body });

  test('on an outdated state says what the state is', async () => {
    const current = await alice.commit(alice.home, { note: 'now' });
    const stale = await signedPointer(alice.home, cidOf('old'), current, 9);
    refused(await set(stale), `PointerCAS:${current.toString()},2,${cidOf('old').toString()}`);
    const first = await signedPointer(alice.home, undefined, current, 9);
    refused(await set(first), `PointerCAS:${current.toString()},2,EMPTY`);
  });

  test('among several names the one that is outdated', async () => {
    const current = await alice.commit(alice.home, { note: 'now' });
    const good = await signedPointer(alice.identity, alice.target(alice.identity), undefined, 2);
    const stale = await signedPointer(alice.home, cidOf('old'), undefined, 9);
    const updates = [
      cborMap([
        ['w', alice.owner],
        ['s', good],
      ]),
      cborMap([
        ['w', alice.home.hash],
        ['s', stale],
      ]),
    ];
    const body = encodeCbor(cborMap([['p', updates]]));
    refused(
      await ask(PATHS.setPointers, { query: { owner }, body }),
      `PointerCAS:${current.toString()},2,${cidOf('old').toString()}`,
    );
  });

  describe('among several', () => {
    const REST = 'Invalid sequence number update in mutable pointer: ';
    test.each([
      {
        what: 'that is outdated',
        update: () => signedPointer(alice.home, cidOf('old'), undefined, 9),
        text: () => `PointerCAS:${now()},1,${cidOf('old').toString()}`,
      },
      {
        what: 'whose state is not stored',
        update: () => signedPointer(alice.home, alice.target(alice.home), cidOf('missing'), 2),
        text: () => `Couldn't retrieve WriterData from dht! ${cidOf('missing').toString()}`,
      },
      {
        what: 'whose state is of another writer',
        update: () => signedPointer(alice.home, alice.target(alice.home), identityState(), 2),
        text: () => `WriterData controller mismatch for ${home}`,
      },
      {
        what: 'whose sequence does not grow',
        update: () => signedPointer(alice.home, alice.target(alice.home), undefined, 1),
        text: () => `${REST}Optional[1] => Optional[1]`,
      },
    ])('the refusal names the one $what', async ({ update, text }) => {
      const good = await signedPointer(alice.identity, identityState(), undefined, 2);
      const body = encodeCbor(
        cborMap([['p', [entry(alice.owner, good), entry(alice.home.hash, await update())]]]),
      );
      refused(await ask(PATHS.setPointers, { query: { owner }, body }), text());
    });

    const identityState = () => alice.target(alice.identity);
    const now = () => String(alice.target(alice.home));
    const entry = (writer: KeyHash, signed: Uint8Array) =>
      cborMap([
        ['w', writer],
        ['s', signed],
      ]);
  });

  test('to a state that is not stored', async () => {
    const missing = cidOf('missing');
    const update = await signedPointer(alice.home, alice.target(alice.home), missing, 2);
    refused(await set(update), `Couldn't retrieve WriterData from dht! ${missing.toString()}`);
  });

  test('with a sequence that does not grow', async () => {
    const update = await signedPointer(alice.home, alice.target(alice.home), undefined, 1);
    refused(
      await set(update),
      'Invalid sequence number update in mutable pointer: Optional[1] => Optional[1]',
    );
  });

  test('signed by another key is answered 00', async () => {
    const update = await signedPointer(keyPair('mallory'), alice.target(alice.home), undefined, 2);
    const answer = await set(update);
    expect([answer.status, answer.body]).toEqual([200, '00']);
  });

  test('that is too long', async () => {
    refused(await set(new Uint8Array(148)), 'Pointer update too big! 148');
    refused(await set(new Uint8Array(1025)), 'Input exceeds maximum size of 1024 bytes');
  });
});

describe('a token', () => {
  const listBats = async (auth: Uint8Array) =>
    ask(PATHS.getUserBats, { query: { username: 'alice', auth: toHex(auth) } });

  test('that is too old or too new', async () => {
    for (const nowMs of [NOW_MS - 300_001, NOW_MS + 300_001]) {
      const auth = await signRequest(alice.identity, PATHS.getUserBats, nowMs);
      refused(await listBats(auth), 'Stale auth time, is your clock accurate?');
    }
    const auth = await signRequest(alice.identity, PATHS.getUserBats, NOW_MS - 300_000);
    expect((await listBats(auth)).status).toBe(200);
  });

  test('for another call', async () => {
    const auth = await signRequest(alice.identity, PATHS.addBat, NOW_MS);
    refused(await listBats(auth), 'Illegal path for signed request: peergos/v0/bats/addBat');
  });

  test('by another key', async () => {
    const auth = await signRequest(keyPair('mallory'), PATHS.getUserBats, NOW_MS);
    refused(await listBats(auth), 'Invalid signature!');
  });

  test('that is no token', async () => {
    refused(await listBats(new Uint8Array(64)), 'Invalid signature!');
    refused(
      await ask(PATHS.getUserBats, { query: { username: 'alice' } }),
      'The parameter "auth" is missing.',
    );
  });

  test('of a login key that is unknown', async () => {
    const wrong = keyPair('wrong');
    const query = {
      username: 'alice',
      author: toHex(encodeCbor(wrong.publicKey.toCbor())),
      auth: toHex(await signTime(wrong, NOW_MS)),
    };
    refused(await ask(PATHS.getLogin, { query }), 'Incorrect username or password');
    refused(
      await ask(PATHS.getLogin, { query: { ...query, username: 'nobody' } }),
      'No value present',
    );
  });
});

const framedName = framed('alice');

describe('a body', () => {
  test.each<[string, string, Question, string]>([
    [
      'longer than its frame may be',
      PATHS.getChain,
      { body: framed('a'.repeat(1025)) },
      'The name',
    ],
    ['with a frame of negative length', PATHS.getChain, { body: fromHex('ffffffff') }, 'The name'],
    ['that ends early', PATHS.getChain, { body: framedName.subarray(0, 6) }, 'The body ends early'],
    ['that is missing', PATHS.getChain, {}, 'The body ends early'],
    ['of another CBOR type', PATHS.getUsername, { body: framed(encodeCbor(7)) }, 'The key cannot'],
    [
      'longer than the call allows',
      PATHS.getChain,
      { body: new Uint8Array(9000) },
      'Input exceeds',
    ],
  ])('%s', async (_, path, question, text) => {
    const answer = await ask(path, question);
    expect([answer.status, answer.error]).toEqual([400, expect.stringContaining(text)]);
    expect(faults).toEqual([]);
  });
});
