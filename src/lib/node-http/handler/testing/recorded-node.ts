/** For the tests of this folder: the recorded node, and what it answers to a capture. */
import { capturedNode } from '../../../../../tests/vectors/captures.ts';
import type { Capture } from '../../../../../tests/vectors/captures.ts';
import { concat, fromHex, utf8 } from '#lib/bytes/index.ts';
import { Cid, decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { toKeyHash } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { createLocalNode } from '#lib/node-local/index.ts';
import type { LocalNode } from '#lib/node-local/index.ts';
import { claimChainToCbor, loginRecordToBytes } from '#lib/protocol/index.ts';
import type { LoginRecord } from '#lib/protocol/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { seededRandom, blockKey, TABLE, writerRecordToBytes } from '#lib/node-local/testing.ts';
import { handleRequest } from '../handle-request.ts';
import { answerOf } from './asking.ts';
import type { Answer } from './asking.ts';
import { rebuilt } from './rebuilt.ts';

const RECORDED = capturedNode();
const SIGNATURE_BYTES = 64;

/** An account that is older than the recording. Keys are the texts of their hashes. */
export interface EnteredAccount {
  readonly username: string;
  readonly owner: string;
  readonly home: string;
  /** Its claims; unsigned ones when absent. */
  readonly chain?: Uint8Array;
  readonly login?: LoginRecord;
  /** CBOR list of BatWithId. */
  readonly bats?: Uint8Array;
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

  /** Enters an account without a request; of what is not given the node knows nothing. */
  async enter(account: EnteredAccount): Promise<void> {
    const { username, chain, login, bats } = account;
    const [owner, home] = [keyHash(account.owner), keyHash(account.home)];
    const record = (parent: KeyHash | undefined) =>
      writerRecordToBytes({ owner, parent, removedMs: undefined });
    const entries: [string, string, Uint8Array | undefined][] = [
      [TABLE.names, username, chain ?? unsignedChain(username, owner)],
      [TABLE.identities, owner.toString(), utf8(username)],
      [TABLE.writers, owner.toString(), record(undefined)],
      [TABLE.writers, home.toString(), record(owner)],
      [TABLE.writersOf, `${owner.toString()}/${home.toString()}`, new Uint8Array()],
      [TABLE.logins, username, login && loginRecordToBytes(login)],
      [TABLE.bats, owner.toString(), bats],
    ];
    const writes = entries.map(([table, key, value]) => ({ table, key, value }));
    await this.stores.records.apply({ writes });
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

/** A chain whose claim is not signed: enough for look-ups. */
function unsignedChain(username: string, owner: KeyHash): Uint8Array {
  const storageProviders = [Cid.parse(RECORDED.nodeId)];
  const claim = { username, expiry: '2046-01-01', storageProviders, signed: new Uint8Array() };
  return encodeCbor(claimChainToCbor([{ owner, claim }]));
}

function keyHash(text: string): KeyHash {
  return toKeyHash(Cid.parse(text), 'a key');
}

/** The request as it was sent. */
function requestOf(capture: Capture): Request {
  const query = capture.query.map((part) => part.map((p) => encodeURIComponent(p ?? '')).join('='));
  const host = capture.requestHeaders['host'] ?? RECORDED.nodeHost;
  const url = `https://${host}${capture.path}${query.length === 0 ? '' : `?${query.join('&')}`}`;
  const { requestBody, method } = capture;
  const body = typeof requestBody === 'string' ? fromHex(requestBody) : rebuilt(requestBody);
  if (body === undefined) throw new Error('The body of this capture is not recorded.');
  return new Request(url, body.length === 0 ? { method } : { method, body: body as BodyInit });
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
