/**
 * The client beside the reference client: asked to do what was recorded, it must send the same
 * requests (path, parameters, body), and understand what the reference server answered.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { captures, tracedCalls } from '../../../../tests/vectors/captures.ts';
import type { Capture } from '../../../../tests/vectors/captures.ts';
import { fromHex, fromMultibase, PyrgosError, toHex, utf8 } from '#lib/bytes/index.ts';
import { asBytes, asList, asMap, Cid, decodeCbor, encodeCbor, field } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import {
  asKeyHash,
  Bat,
  BatWithId,
  PublicSigningKey,
  startCrypto,
  toBatId,
  toKeyHash,
} from '#lib/crypto/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { NodeUnreachable, PATHS } from '#lib/protocol/index.ts';
import { FrameReader } from '../wire/framing.ts';
import { encodeTrailer } from '../wire/parse-refusal.ts';
import { asked } from './testing.ts';

/** What a capture says, ready to be handed to a member of the node. */
class Recorded {
  readonly #capture: Capture;
  readonly body: Uint8Array;
  readonly frames: FrameReader;

  constructor(capture: Capture) {
    this.#capture = capture;
    this.body = typeof capture.requestBody === 'string' ? fromHex(capture.requestBody) : utf8('');
    this.frames = new FrameReader(this.body);
  }

  text(name: string): string {
    return this.#capture.query.find(([each]) => each === name)![1]!;
  }

  has(name: string): boolean {
    return this.#capture.query.some(([each]) => each === name);
  }

  key(name: string) {
    return toKeyHash(Cid.parse(this.text(name)), name);
  }

  hex(name: string): Uint8Array {
    return fromHex(this.text(name));
  }

  cid(): Cid {
    return Cid.parse(this.text('arg'));
  }

  bat(): BatWithId | undefined {
    return this.has('bat') ? BatWithId.parse(this.text('bat')) : undefined;
  }

  frame(): Uint8Array {
    return this.frames.framed(1 << 22, 'a frame');
  }

  name(): string {
    return this.frames.text(1024, 'a name');
  }

  map(what: string) {
    return asMap(decodeCbor(this.body), what);
  }
}

type Ask = (node: StorageNode, recorded: Recorded) => Promise<unknown>;

const proofOf = (bytes: Uint8Array) => ({
  prefix: asBytes(field(asMap(decodeCbor(bytes), 'work'), 'prefix', 'work'), 'work'),
});
const listIn = (value: CborValue | undefined) => asList(value, 'a list');

const CALLS = new Map<string, Ask>([
  [PATHS.ids, (node) => node.blocks.nodeIds()],
  [PATHS.blockStoreProperties, (node) => node.blocks.properties()],
  [PATHS.transactionStart, (node, it) => node.blocks.startTransaction(it.key('owner'))],
  [
    PATHS.transactionClose,
    (node, it) => node.blocks.closeTransaction(it.key('owner'), it.text('arg')),
  ],
  [
    PATHS.blockPutBulk,
    (node, it) => {
      const map = it.map('an upload');
      const signed = listIn(map.get('s'));
      const blocks = listIn(map.get('b')).map((bytes, i) => ({
        bytes: asBytes(bytes, 'a block'),
        authorisation: asBytes(signed[i], 'a signature'),
      }));
      const format = it.text('format') === 'raw' ? 'raw' : 'dag-cbor';
      const tid = it.text('transaction');
      return node.blocks.put(it.key('owner'), it.key('writer'), blocks, format, tid);
    },
  ],
  [PATHS.blockGet, (node, it) => node.blocks.get(it.key('owner'), it.cid(), it.bat())],
  [PATHS.blockStat, (node, it) => node.blocks.sizeBytes(it.key('owner'), it.cid())],
  [
    PATHS.champGetBulk,
    (node, it) => {
      const keys = listIn(decodeCbor(fromMultibase(it.text('caps')))).map((cap) => {
        const map = asMap(cap, 'a cap');
        const key = asBytes(map.get('m'), 'a key');
        const bat = map.get('b');
        return bat === undefined ? { key } : { key, bat: BatWithId.fromCbor(bat) };
      });
      return node.blocks.champLookup(it.key('owner'), it.cid(), keys);
    },
  ],
  [PATHS.linkGet, (node, it) => node.links.get(it.key('owner'), BigInt(it.text('label')))],
  [PATHS.linkHost, (node, it) => node.links.host(it.key('owner'))],
  [PATHS.getPointer, (node, it) => node.pointers.get(it.key('owner'), it.key('writer'))],
  [PATHS.setPointer, (node, it) => node.pointers.set(it.key('owner'), it.key('writer'), it.body)],
  [
    PATHS.setPointers,
    (node, it) => {
      const updates = listIn(it.map('updates').get('p')).map((update) => {
        const map = asMap(update, 'an update');
        const signed = asBytes(map.get('s'), 'an update');
        return { writer: asKeyHash(map.get('w'), 'the writer'), signed };
      });
      return node.pointers.setMany(it.key('owner'), updates);
    },
  ],
  [PATHS.getChain, (node, it) => node.names.chain(it.name())],
  [PATHS.getPublicKey, (node, it) => node.names.publicKey(it.name())],
  [
    PATHS.getUsername,
    (node, it) => node.names.nameOf(asKeyHash(decodeCbor(it.frame()), 'an identity')),
  ],
  [`${PATHS.getUsernamesGzip}/`, (node) => node.names.usernames()],
  [
    PATHS.signUp,
    (node, it) => {
      const [username, link, opLog] = [it.name(), it.frame(), it.frame()];
      const work = proofOf(it.frame());
      return node.accounts.signUp({
        username,
        chain: [decodeCbor(link)],
        opLog,
        work,
        token: it.name(),
      });
    },
  ],
  [
    PATHS.updateChain,
    (node, it) => {
      const [name, chain] = [it.name(), decodeCbor(it.frame())];
      return node.names.updateChain(name, chain, proofOf(it.frame()), it.name());
    },
  ],
  [PATHS.followRequest, (node, it) => node.inbox.send(it.key('owner'), it.body)],
  [PATHS.getFollowRequests, (node, it) => node.inbox.list(it.key('owner'), it.hex('auth'))],
  [PATHS.removeFollowRequest, (node, it) => node.inbox.remove(it.key('owner'), it.body)],
  [
    PATHS.getLogin,
    (node, it) => {
      const author = PublicSigningKey.fromCbor(decodeCbor(it.hex('author')));
      return node.accounts.getLogin(it.text('username'), author, it.hex('auth'));
    },
  ],
  [
    PATHS.setLogin,
    (node, it) => node.accounts.setLogin(it.text('username'), it.body, it.hex('auth')),
  ],
  [PATHS.listMfa, (node, it) => node.secondFactors.list(it.text('username'), it.hex('auth'))],
  [
    PATHS.usage,
    (node, it) =>
      node.space.usageBytes(it.key('owner'), it.hex('auth'), it.text('local') === 'true'),
  ],
  [PATHS.quota, (node, it) => node.space.quotaBytes(it.key('owner'), it.hex('auth'))],
  [PATHS.requestSpace, (node, it) => node.space.request(it.key('owner'), it.hex('req'))],
  [
    PATHS.retrieveMessages,
    (node, it) => node.messages.retrieve(it.text('username'), it.hex('auth')),
  ],
  [PATHS.sendMessage, (node, it) => node.messages.send(it.text('username'), it.body)],
  [PATHS.version, (node) => node.admin.version()],
  [PATHS.signUps, (node) => node.admin.openSignUps()],
]);

/** The recorded node's ids. */
/** `a3 61 77 f4 62 61 72 f4 62 70 72 f4` */
const ORDINARY_STORE = fromHex('a36177f4626172f4627072f4') as BodyInit;
const NODE_ID = (label: string) =>
  captures().find((one) => one.label === label && one.path.endsWith('/ids'))!;

/** Recorded mistakes that cannot be asked for by way of a typed interface. */
const INEXPRESSIBLE = new Set([
  'error-unknown-endpoint',
  'error-missing-parameter',
  'error-bad-cid',
  'error-bad-owner',
  'error-query-part-without-equals',
  'error-block-stat-without-owner',
  'error-block-list-lengths',
  'error-auth-missing',
  'error-wrong-host',
  'error-get-on-private-node',
  // The client knows that an identity CID is its own content, and how many keys are too many.
  'block-get-identity',
  'error-champ-too-many-keys',
]);

/** Recorded errors that are no errors for who asks: the answer is that there is none. */
const ABSENT = new Set(['error-unknown-identity']);

const sorted = (query: Capture['query']) => query.map((part) => part.join('=')).sort();

function responseOf(capture: Capture): Response {
  if (capture.status === null) throw new TypeError('the connection was dropped');
  const headers = new Headers(
    Object.entries(capture.responseHeaders).filter(([name]) => name !== 'Transfer-encoding'),
  );
  if (capture.error !== undefined) headers.set('Trailer', encodeTrailer(capture.error));
  const { responseBody } = capture;
  const body = typeof responseBody === 'string' ? fromHex(responseBody) : utf8('');
  return new Response(body as BodyInit, { status: capture.status, headers });
}

const all = captures()
  .map((capture) => ({ ...capture, path: capture.path.slice(1) }))
  .filter(({ label, requestBody, responseBody }) => {
    const isWhole = typeof requestBody === 'string' && typeof responseBody !== 'object';
    return isWhole && !INEXPRESSIBLE.has(label);
  });
const byPath = new Map<string, Capture[]>();
for (const capture of all) {
  byPath.set(capture.path, [...(byPath.get(capture.path) ?? []), capture]);
}

beforeAll(async () => void (await startCrypto()));

describe('the recorded requests', () => {
  for (const [path, ask] of CALLS) {
    test(path, async () => {
      const recorded = byPath.get(path) ?? [];
      expect(recorded.length).toBeGreaterThan(0);
      for (const capture of recorded) await replay(capture, ask);
    });
  }
});

test('the traced calls of a sign-up and a first sign-in, as a client from elsewhere makes them', async () => {
  let count = 0;
  for (const { n, method, url, request, response } of tracedCalls()) {
    const [path, search = ''] = url.split('?');
    const ask = CALLS.get(path!);
    if (ask === undefined) continue;
    const query = search
      .split('&')
      .filter((part) => part !== '')
      .map((part) => part.split('=').map(decodeURIComponent) as [string, string]);
    const trace = { n, label: 'get-style/traced', method, path: path!, query };
    const exchanged = { requestBody: request, responseBody: response, status: 200 };
    await replay({ ...trace, ...exchanged, requestHeaders: {}, responseHeaders: {} }, ask);
    count++;
  }
  expect(count).toBeGreaterThanOrEqual(34);
});

async function replay(capture: Capture, ask: Ask): Promise<void> {
  const isLoopback = !capture.label.startsWith('get-style/');
  const { node, seen } = asked(
    (request) => {
      // Whether there is an object store is asked before the first raw block is read or written.
      const isOther =
        request.url.endsWith(PATHS.blockStoreProperties) &&
        capture.path !== PATHS.blockStoreProperties;
      return isOther ? new Response(ORDINARY_STORE) : responseOf(capture);
    },
    { isLoopback },
  );
  const answer = await ask(node, new Recorded(capture)).catch((error: unknown) => error);
  const sent = seen.find(({ path }) => path === capture.path)!;
  expect(sent.method).toBe(capture.method);
  expect(sent.path).toBe(capture.path);
  expect(sorted(sent.query)).toEqual(sorted(capture.query));
  expect(toHex(sent.body)).toBe(capture.requestBody);
  if (capture.status === null) expect(answer, capture.label).toBeInstanceOf(NodeUnreachable);
  else if (ABSENT.has(capture.label)) expect(answer).toBeUndefined();
  else if (capture.status !== 200) expect(answer, capture.label).toBeInstanceOf(PyrgosError);
  else if (isRejected(capture)) expect(answer, capture.label).toBeInstanceOf(PyrgosError);
  else expect(answer, `${capture.n} ${capture.label}`).not.toBeInstanceOf(Error);
}

/** `00` where there is no other way to say no. */
function isRejected({ path, responseBody }: Capture): boolean {
  const paths: readonly string[] = [PATHS.setPointer, PATHS.setPointers, PATHS.setLogin];
  return paths.includes(path) && responseBody === '00';
}

test('mirror BATs and the operator’s questions, which need another answer first', async () => {
  const bats = all.find(({ path, status }) => path === PATHS.getUserBats && status === 200)!;
  const pending = all.find(({ path, status }) => path === PATHS.pendingRequests && status === 200)!;
  const approval = all.find(({ path }) => path === PATHS.approveRequest)!;
  const identity = Cid.parse(all.find(({ label }) => label === 'pointer-get')!.query[0]![1]!);
  const { node, seen } = asked((request) => {
    const path = new URL(request.url).pathname.slice(1);
    if (path === PATHS.ids) return responseOf({ ...NODE_ID('node-info'), path });
    if (path === PATHS.getUsername) return new Response('\0\0\0\x05alice');
    return responseOf([bats, pending, approval].find((one) => one.path === path)!);
  });
  const it = new Recorded(bats);
  const found = await node.bats.list(toKeyHash(identity, 'owner'), it.hex('auth'));
  expect(toHex(encodeCbor(found.map((bat) => bat.toCbor())))).toBe(bats.responseBody);
  const asking = new Recorded(pending);
  await node.admin.pending(asking.key('admin'), asking.hex('auth'));
  const approving = new Recorded(approval);
  expect(await node.admin.approve(approving.key('admin'), approving.hex('req'))).toBe(true);
  for (const capture of [bats, pending, approval]) {
    const sent = seen.find(({ path }) => path === capture.path)!;
    expect(sorted(sent.query)).toEqual(sorted(capture.query));
  }
});

test('a mirror BAT is added with the parameters of the protocol', async () => {
  const secret = new Bat(new Uint8Array(32).fill(9));
  const owner = toKeyHash(
    Cid.parse(all.find(({ label }) => label === 'pointer-get')!.query[0]![1]!),
    'owner',
  );
  const { node, seen } = asked((request) =>
    request.url.includes('getUsername') ? new Response('\0\0\0\x05alice') : new Response('\xf5'),
  );
  await node.bats.add(owner, new BatWithId(secret, secret.secretHashId()), utf8('auth'));
  const query = new Map(seen[1]!.query);
  expect([...query.keys()]).toEqual(['username', 'batid', 'bat', 'auth']);
  expect(toBatId(Cid.parse(query.get('batid')!).bytes).equals(secret.secretHashId())).toBe(true);
  expect(toHex(fromMultibase(query.get('bat')!))).toBe(toHex(secret.secret));
});

test('a published path is found in the address the server refers to', async () => {
  for (const capture of captures().filter(({ label }) => label === 'public-page')) {
    const [username, ...path] = capture.path.split('/').slice(2);
    const { node, seen } = asked(() => responseOf(capture));
    const link = await node.links.published(username!, path);
    const state = JSON.parse(
      decodeURIComponent(capture.responseHeaders['Location']!.slice(2)).replaceAll('%2c', ','),
    ) as { link: string };
    expect(link).toBe(state.link);
    expect(seen[0]).toMatchObject({ method: 'GET', path: capture.path.slice(1) });
  }
});
