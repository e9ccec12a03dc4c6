/** The forms of the calls that no recording shows (B-1 §2; B-3 §5; B-6 §7). */
import { describe, expect, test } from 'vitest';
import { concat, fromHex, toHex, toMultibase, utf8 } from '#lib/bytes/index.ts';
import { cborMap, Cid, CODEC, decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { Bat, rawBlockPrefix, signRequest } from '#lib/crypto/index.ts';
import { NameTaken, PATHS, WorkRequired } from '#lib/protocol/index.ts';
import {
  champOf,
  cidOf,
  createBench,
  keyPair,
  NOW_MS,
  signedBlock,
} from '#lib/node-local/testing.ts';
import { TestAccount } from '#lib/node-local/testing.ts';
import type { MigrationRequest, MirrorRequest } from '#lib/node/index.ts';
import { MIGRATION_STEPS, MIRROR } from '../wire/extensions.ts';
import { bool8, framed, int64 } from '../wire/framing.ts';
import { asking, askingFake } from './testing/asking.ts';
import type { Answer } from './testing/asking.ts';

const bench = () => createBench().node;
const OWNER = keyPair('somebody').hash;

const cbor = (answer: Answer) => decodeCbor(fromHex(answer.body));
const text = (answer: Answer) => new TextDecoder().decode(fromHex(answer.body));

describe('the older forms of', () => {
  test('an upload: parts of a form, signatures in the query', async () => {
    const node = bench();
    const alice = await TestAccount.signUp(node);
    const { ask } = asking(node);
    const blocks = [utf8('first\r\n--'), Uint8Array.of(0, 13, 10, 45, 45, 66), utf8('third')];
    const signed = await Promise.all(blocks.map((bytes) => signedBlock(alice.home, bytes)));
    const part = (bytes: Uint8Array) =>
      concat(utf8('--B0und\r\nContent-Disposition: form-data\r\n\r\n'), bytes, utf8('\r\n'));
    const body = concat(...blocks.map(part), utf8('--B0und--\r\n'));
    const query = {
      format: 'raw',
      owner: alice.owner.toString(),
      writer: alice.home.hash.toString(),
      transaction: 'tid',
      signatures: signed.map(({ authorisation }) => toHex(authorisation)).join(','),
    };
    const headers = { 'Content-Type': 'multipart/form-data; boundary=B0und' };
    const answer = await ask(PATHS.blockPut, { query, body, headers });
    const cids = await alice.putRaw(alice.home, 'tid', blocks);
    expect(text(answer)).toBe(cids.map((cid) => `{"Hash":"${cid.toString()}"}`).join(''));

    const fewer = { ...query, signatures: '' };
    expect((await ask(PATHS.blockPut, { query: fewer, body, headers })).status).toBe(400);
    for (const type of ['text/plain', 'multipart/form-data; boundary=other']) {
      const wrong = { query, body, headers: { 'Content-Type': type } };
      expect((await ask(PATHS.blockPut, wrong)).status).toBe(400);
    }
  });

  test('a look-up: one key in hex', async () => {
    const node = bench();
    const alice = await TestAccount.signUp(node);
    const { ask } = asking(node);
    const bat = new Bat(new Uint8Array(32).fill(9));
    const value = concat(rawBlockPrefix([bat.inlineId()]), utf8('value'));
    const [cid] = await alice.putRaw(alice.home, 'tid', [value]);
    const key = new Uint8Array(32).fill(5);
    const champ = champOf([[key, cid!]]);
    await alice.put(alice.home, 'tid', [champ]);
    const owner = alice.owner.toString();
    const query = { owner, bat: bat.withId().toSecretText() };
    const path = (name: string) => `${name}?arg=${cidOf(champ).toString()}&arg=${toHex(key)}`;
    for (const name of [PATHS.champGet, PATHS.champGetBulk]) {
      const parts = Object.entries(query).map((pair) => pair.join('='));
      const answer = await ask(`${path(name)}&${parts.join('&')}`);
      expect(new Set((cbor(answer) as Uint8Array[]).map(toHex))).toEqual(
        new Set([toHex(encodeCbor(champ)), toHex(value)]),
      );
      expect((await ask(`${path(name)}&owner=${owner}`)).error).toBe('Unauthorised!');
    }
  });
});

test('a BAT is added and listed', async () => {
  const node = bench();
  const alice = await TestAccount.signUp(node);
  const { ask } = asking(node);
  const bat = new Bat(new Uint8Array(32).fill(6));
  const query = {
    username: 'alice',
    batid: bat.secretHashId().toString(),
    bat: toMultibase(bat.secret),
    auth: toHex(await signRequest(alice.identity, PATHS.addBat, NOW_MS)),
  };
  expect((await ask(PATHS.addBat, { query })).body).toBe('f5');
  const auth = toHex(await signRequest(alice.identity, PATHS.getUserBats, NOW_MS));
  const listed = await ask(PATHS.getUserBats, { query: { username: 'alice', auth } });
  expect(cbor(listed)).toHaveLength(2);
  const short = await ask(PATHS.addBat, {
    query: { ...query, bat: toMultibase(new Uint8Array(31)) },
  });
  expect(short.status).toBe(400);
});

describe('direct transfers', () => {
  const direct = [{ url: 'https://s3.example/key', headers: new Map([['Host', 's3.example']]) }];
  const answered = [
    cborMap([
      ['b', 'https://s3.example/key'],
      ['h', cborMap([['Host', 's3.example']])],
    ]),
  ];
  const cid = Cid.sha256(CODEC.raw, new Uint8Array(32));
  const bat = new Bat(new Uint8Array(32).fill(2));

  test('of uploads', async () => {
    const { ask, given } = askingFake((note) => ({
      blocks: {
        authoriseWrites: (...parts: unknown[]) => {
          note(...parts);
          return Promise.resolve(direct);
        },
      },
    }));
    const body = encodeCbor(
      cborMap([
        ['s', [new Uint8Array(96)]],
        ['l', [1000]],
        ['b', [[bat.inlineId().bytes]]],
      ]),
    );
    const query = {
      owner: OWNER.toString(),
      writer: OWNER.toString(),
      transaction: 't',
      raw: 'true',
    };
    expect(cbor(await ask(PATHS.authoriseWrites, { query, body }))).toEqual(answered);
    const block = { authorisation: new Uint8Array(96), sizeBytes: 1000, batIds: [bat.inlineId()] };
    expect(given).toEqual([OWNER, OWNER, [block], 't']);
    const uneven = encodeCbor(
      cborMap([
        ['s', [new Uint8Array(96)]],
        ['l', []],
        ['b', []],
      ]),
    );
    expect((await ask(PATHS.authoriseWrites, { query, body: uneven })).status).toBe(400);
  });

  test('of reads', async () => {
    const { ask, given } = askingFake((note) => ({
      blocks: {
        authoriseReads: (...parts: unknown[]) => {
          note(...parts);
          return Promise.resolve(direct);
        },
      },
    }));
    const item = (more: [string, CborValue][]) => cborMap([['h', cid.bytes], ...more]);
    const query = { owner: OWNER.toString() };
    const body = encodeCbor([item([]), item([['b', bat.withId().toCbor()]])]);
    expect(cbor(await ask(PATHS.authoriseReads, { query, body }))).toEqual(answered);
    expect(given).toEqual([OWNER, [{ cid }, { cid, bat: bat.withId() }]]);
    const many = encodeCbor(Array.from({ length: 51 }, () => item([])));
    const answer = await ask(PATHS.authoriseReads, { query, body: many });
    expect(answer.error).toBe('Too many blocks to authorise! 51');
  });

  test('are not to be had where there is no object store', async () => {
    const { ask } = asking(bench());
    const answer = await ask(PATHS.authoriseReads, {
      query: { owner: OWNER.toString() },
      body: encodeCbor([cborMap([['h', cid.bytes]])]),
    });
    expect([answer.status, answer.error]).toEqual([400, 'Not supported by this server!']);
  });
});

describe('a sign-up', () => {
  const body = concat(
    framed('alice'),
    framed(encodeCbor('link')),
    framed(Uint8Array.of(1, 2)),
    framed(
      encodeCbor(
        cborMap([
          ['prefix', new Uint8Array(8)],
          ['type', 18],
        ]),
      ),
    ),
    framed('token'),
  );
  const failing = (error: Error) =>
    askingFake((note) => ({
      accounts: {
        signUp: (request: unknown) => {
          note(request);
          return Promise.reject(error);
        },
      },
    }));

  test('that has to work first is told how hard', async () => {
    const { ask, given } = failing(new WorkRequired(19));
    const answer = await ask(PATHS.signUp, { body });
    expect([answer.status, answer.body]).toEqual([200, '0000000013']);
    expect(given).toEqual([
      {
        username: 'alice',
        chain: ['link'],
        opLog: Uint8Array.of(1, 2),
        work: { prefix: new Uint8Array(8) },
        token: 'token',
      },
    ]);
  });

  test('of a name that is taken', async () => {
    const { ask } = failing(new NameTaken('taken'));
    const answer = await ask(PATHS.signUp, { body });
    expect(answer.error).toBe('User already exists: Invalid key change attempt!');
  });
});

test('a step of a move', async () => {
  const { ask, given } = askingFake((note) => ({
    names: {
      migrate: (request: MigrationRequest) => {
        note(request);
        return Promise.resolve(Uint8Array.of(0xa0));
      },
    },
  }));
  const bat = new Bat(new Uint8Array(32).fill(2)).withId();
  const home = cidOf('home');
  const parts = (token: Uint8Array) =>
    concat(
      framed('alice'),
      framed(encodeCbor([])),
      framed(home.bytes),
      token,
      int64(7),
      int64(9),
      bool8(true),
    );
  const withBat = concat(bool8(true), framed(encodeCbor(bat.toCbor())));
  expect((await ask(PATHS.migrateUser, { body: parts(withBat) })).body).toBe('a0');
  await ask(PATHS.migrateUser, { body: parts(bool8(false)) });
  const request = {
    username: 'alice',
    chain: [],
    currentNode: home,
    linkCountsAfterSeconds: 7,
    usageBytes: 9,
    isCommit: true,
  };
  expect(given).toEqual([
    { ...request, mirrorBat: bat },
    { ...request, mirrorBat: undefined },
  ]);
});

test('a move in steps, and a mirror', async () => {
  const { ask, given } = askingFake((note) => ({
    names: {
      migrateInSteps: (...call: unknown[]) => {
        note(...call.slice(0, 2));
        return Promise.resolve({ phase: 'copying', doneBytes: 5, doneBlocks: 2, totalBytes: 9 });
      },
      mirror: (request: MirrorRequest) => {
        note(request);
        return Promise.resolve({ seenMs: 3, doneBytes: 5, isBusy: true, failure: undefined });
      },
    },
  }));
  const bat = new Bat(new Uint8Array(32).fill(2)).withId();
  const home = cidOf('home');
  const extras = concat(framed('token'), framed(encodeCbor(['/ip4/192.0.2.1/tcp/4001'])));
  const step = concat(
    ...[framed('alice'), framed(encodeCbor([])), framed(home.bytes), bool8(false)],
    ...[int64(7), int64(9), bool8(true), extras, bool8(true)],
  );
  expect(cbor(await ask(MIGRATION_STEPS, { body: step }))).toEqual(
    cborMap([
      ['p', 'copying'],
      ['d', 5],
      ['n', 2],
      ['t', 9],
    ]),
  );
  const [auth, login] = [Uint8Array.of(1), Uint8Array.of(2)];
  const mirror = concat(
    ...[framed('alice'), framed(encodeCbor([])), framed(encodeCbor(bat.toCbor())), framed(auth)],
    ...[extras, framed(login), framed(auth), bool8(false)],
  );
  expect(cbor(await ask(MIRROR, { body: mirror }))).toEqual(
    cborMap([
      ['t', 3],
      ['d', 5],
      ['b', true],
    ]),
  );
  const said = { token: 'token', addresses: ['/ip4/192.0.2.1/tcp/4001'] };
  expect(given).toMatchObject([
    { username: 'alice', currentNode: home, usageBytes: 9 },
    { ...said, isCalledOff: true },
    { username: 'alice', bat, auth, extras: said, login: { bytes: login, auth }, isEnded: false },
  ]);
});

test.each([
  PATHS.startPaidSignup,
  PATHS.completePaidSignup,
  PATHS.mirror,
  PATHS.startPaidMirror,
  PATHS.completePaidMirror,
  PATHS.getUserSnapshots,
  PATHS.linkCounts,
])('%s is not offered', async (path) => {
  const { ask, faults } = asking(bench());
  const answer = await ask(path, { body: new Uint8Array(10) });
  expect([answer.status, answer.error]).toEqual([400, 'Not supported by this server!']);
  expect(faults).toEqual([]);
});
