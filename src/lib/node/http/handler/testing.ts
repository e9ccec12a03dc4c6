/**
 * For the tests of this folder: a node asked over its HTTP interface; and the recorded node, rebuilt,
 * with what it answers to a capture.
 */
import { capturedNode } from '../../../../../tests/vectors/captures.ts';
import type { Capture, LongBody } from '../../../../../tests/vectors/captures.ts';
import { concat, fromHex, toHex, utf8 } from '#lib/bytes/index.ts';
import { cborMap, Cid, decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { sha256Now, toKeyHash } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { claimChainToCbor } from '../../claims.ts';
import { createLocalNode } from '../../local-node.ts';
import type { LocalNode } from '../../local-node.ts';
import { blockKey, TABLE } from '../../tables.ts';
import { createBench, seededRandom } from '../../testing.ts';
import type { StorageNode } from '../../types.ts';
import { decodeTrailer } from '../trailer.ts';
import { handleRequest } from './handle-request.ts';
import type { HandlerOptions } from './options.ts';

const RECORDED = capturedNode();
/** Of the recording: the operator, whose account is older than it. */
const OPERATOR = 'z59vuwzfFDoyoYBAfaB6qW2y6nzAnDHYeuy2BZCyTvtquogxL2kDThb';
const SIGNATURE_BYTES = 64;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Hex. */
  readonly body: string;
  /** The text of the header `Trailer`. */
  readonly error: string | undefined;
}

export const HOST = 'node.example';

export interface Question {
  readonly method?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: BodyInit | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export type Ask = (path: string, question?: Question) => Promise<Answer>;

/** Asks `node`; paths without leading slash, queries unescaped. Faults of the node are collected. */
export function asking(
  node: StorageNode,
  options: Partial<HandlerOptions> = {},
): { readonly ask: Ask; readonly faults: unknown[] } {
  const faults: unknown[] = [];
  const answer = handleRequest(node, {
    hosts: [HOST],
    isPublic: true,
    pageOrigins: [],
    clock: () => Date.now(),
    onError: (_, error) => faults.push(error),
    ...options,
  });
  const ask: Ask = async (
    path,
    { method = 'POST', query = {}, body, headers = {}, signal } = {},
  ) => {
    const parts = Object.entries(query).map((part) => part.map(encodeURIComponent).join('='));
    const url = `https://${HOST}/${path}${parts.length === 0 ? '' : `?${parts.join('&')}`}`;
    const init = {
      method,
      headers,
      ...(body === undefined ? {} : { body: body as BodyInit, duplex: 'half' }),
      ...(signal === undefined ? {} : { signal }),
    };
    return answerOf(await answer(new Request(url, init)));
  };
  return { ask, faults };
}

/** Asks a node some of whose calls are replaced; notes what they were given. */
export function askingFake(fake: (note: (...given: unknown[]) => void) => Record<string, object>) {
  const given: unknown[] = [];
  const node = createBench().node;
  const parts = fake((...arguments_) => given.push(...arguments_));
  const replaced = Object.entries(parts).map(([name, calls]) => [
    name,
    { ...node[name as keyof StorageNode], ...calls },
  ]);
  const { ask } = asking({ ...node, ...(Object.fromEntries(replaced) as object) });
  return { ask, given };
}

async function answerOf(response: Response): Promise<Answer> {
  const trailer = response.headers.get('trailer');
  return {
    status: response.status,
    headers: response.headers,
    body: toHex(new Uint8Array(await response.arrayBuffer())),
    error: trailer === null ? undefined : decodeTrailer(trailer),
  };
}

/** The recorded node before its first request, at the time of the recording. */
export class RecordedNode {
  readonly node: LocalNode;
  readonly stores = createMemoryStores();
  readonly faults: unknown[] = [];
  nowMs = Date.UTC(2026, 0, 1);
  readonly #answer: (request: Request) => Promise<Response>;
  readonly #answerPrivately: (request: Request) => Promise<Response>;

  constructor() {
    const clock = () => this.nowMs;
    this.node = createLocalNode({
      ...this.stores,
      clock,
      random: seededRandom('recorded'),
      nodeId: Cid.parse(RECORDED.nodeId),
      signUps: { admits: 'anyone', quotaBytes: RECORDED.defaultQuota },
      operators: ['peergos'],
      linkHost: RECORDED.nodeHost,
      version: { version: '1.32.0', revision: '' },
    });
    const handler = {
      hosts: [RECORDED.nodeHost, '127.0.0.1:8120'],
      isPublic: true,
      pageOrigins: [],
      clock,
      onError: (_: string, error: unknown) => this.faults.push(error),
    };
    this.#answer = handleRequest(this.node, handler);
    this.#answerPrivately = handleRequest(this.node, { ...handler, isPublic: false });
  }

  /** Enters the operator, whose sign-up was not recorded. */
  async addOperator(): Promise<void> {
    const owner = keyHash(OPERATOR);
    const claim = {
      username: 'peergos',
      expiry: '2046-01-01',
      storageProviders: [Cid.parse(RECORDED.nodeId)],
      signed: new Uint8Array(),
    };
    const chain = encodeCbor(claimChainToCbor([{ owner, claim }]));
    await this.stores.records.apply({
      writes: [
        { table: TABLE.names, key: 'peergos', value: chain },
        { table: TABLE.identities, key: OPERATOR, value: utf8('peergos') },
      ],
    });
  }

  /** Puts blocks where the node keeps them, without a request. */
  async place(owner: string, blocks: Iterable<readonly [cid: Cid, bytes: Uint8Array]>) {
    const entries = [...blocks].map(([cid, bytes]) => ({
      key: blockKey(keyHash(owner), cid),
      bytes,
    }));
    await this.stores.blocks.putMany(entries);
  }

  /** Moves a pointer without a request. */
  async movePointer(writer: string, target: string, sequence: number): Promise<void> {
    const update = encodeCbor([null, Cid.parse(target).bytes, sequence]);
    const value = concat(new Uint8Array(SIGNATURE_BYTES), update);
    await this.stores.records.apply({ writes: [{ table: TABLE.pointers, key: writer, value }] });
  }

  async answer(capture: Capture): Promise<Answer> {
    const isPrivate = capture.label.endsWith('on-private-node');
    return answerOf(await (isPrivate ? this.#answerPrivately : this.#answer)(requestOf(capture)));
  }
}

function keyHash(text: string): KeyHash {
  return toKeyHash(Cid.parse(text), 'a key');
}

/** The request as it was sent. */
export function requestOf(capture: Capture): Request {
  const query = capture.query.map((part) => part.map((p) => encodeURIComponent(p ?? '')).join('='));
  const host = capture.requestHeaders['host'] ?? RECORDED.nodeHost;
  const url = `https://${host}${capture.path}${query.length === 0 ? '' : `?${query.join('&')}`}`;
  const { requestBody, method } = capture;
  const body = typeof requestBody === 'string' ? fromHex(requestBody) : ofZeros(requestBody);
  return new Request(url, body.length === 0 ? { method } : { method, body: body as BodyInit });
}

/** Whether a body that is known by its hash alone is the upload of a block of zeros. */
export function isRebuilt(body: LongBody): boolean {
  return toHex(sha256Now(ofZeros(body))) === body.sha256;
}

function ofZeros({ blocks = [], signatures = [] }: LongBody): Uint8Array {
  return encodeCbor(
    cborMap([
      ['b', blocks.map(({ length }) => new Uint8Array(length))],
      ['s', signatures.map(fromHex)],
    ]),
  );
}

/** When the request says it was signed. */
export function signedMs(capture: Capture): number | undefined {
  const signed = capture.query.find(([name]) => name === 'auth' || name === 'req')?.[1];
  const body = capture.path.endsWith('/send') ? capture.requestBody : undefined;
  const hex = signed ?? body;
  if (typeof hex !== 'string' || hex.length <= 2 * SIGNATURE_BYTES) return undefined;
  return timeIn(decodeCbor(fromHex(hex).subarray(SIGNATURE_BYTES)));
}

function timeIn(value: CborValue): number | undefined {
  if (typeof value === 'number') return value;
  const time = value instanceof Map ? (value.get('t') ?? value.get('s')) : undefined;
  return typeof time === 'number' && time > 1e12 ? time : undefined;
}
