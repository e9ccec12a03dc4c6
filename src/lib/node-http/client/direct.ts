/**
 * Raw blocks straight from and to a node's object store (B-6 §7). Always optional: whatever fails
 * here goes through the node. What the node says is hostile: only addresses below the store it
 * names are asked, none on this machine or its network but the node's own and no redirect, with the few headers such a request needs; every block read is hashed.
 */
import { PyrgosError, toBase32, parseUrl } from '#lib/bytes/index.ts';
import { BLOCK_MAX_BYTES } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { batIdsOfBlock, verifyBlock } from '#lib/crypto/index.ts';
import type { BatWithId, KeyHash } from '#lib/crypto/index.ts';
import type {
  AnnouncedBlock,
  BlockStoreProperties,
  DirectRequest,
  UnverifiedBlock,
} from '#lib/node/index.ts';
import { MalformedAnswer, RateLimited } from '#lib/protocol/index.ts';
import type { BlockToWrite } from '#lib/protocol/index.ts';
import { readBody } from './parse-response.ts';
import { cidOf } from './bulk-puts.ts';
import type { PutRequest } from './bulk-puts.ts';
import { TransientFailure, withinTime } from './send-request.ts';
import { BLOCK_ATTEMPTS, retryPauseMs } from './retry.ts';
import { isStoreAddress } from './store-address.ts';
import type { TransportDeps } from './transport.ts';
import { incomingOf } from './http-types.ts';
import type { Fetch } from './http-types.ts';

/** Smaller blocks go through the node. */
const LARGE_BLOCK_BYTES = 102_400;
const BLOCKS_AUTHORISED_AT_ONCE = 6;
const TIMEOUT_MS = 60_000;
const SLOWEST_BYTES_PER_MS = 50;
/** How long everything goes through the node when the store cannot be reached from here. */
const AWAY_MS = 300_000;
/** The others are the browser's to set, or none of the store's business. */
const SENT_HEADERS = /^(authorization|content-type|x-amz-[a-z0-9-]{1,60})$/u;

export interface DirectDeps extends Pick<TransportDeps, 'random' | 'pause' | 'origin' | 'clock'> {
  readonly fetch: Fetch;
  readonly properties: () => Promise<BlockStoreProperties>;
  readonly authoriseWrites: (
    request: PutRequest,
    blocks: readonly AnnouncedBlock[],
  ) => Promise<DirectRequest[]>;
  readonly authoriseReads: (
    owner: KeyHash,
    blocks: readonly RawRead[],
    signal: AbortSignal | undefined,
  ) => Promise<DirectRequest[]>;
}

export interface RawRead {
  readonly cid: Cid;
  readonly bat?: BatWithId;
}

export class DirectTransfer {
  readonly #deps: DirectDeps;
  /** Whether it ever answered: a bucket that does not know this page's origin never will. */
  #hasAnswered = false;
  #awayUntilMs = -Infinity;

  constructor(deps: DirectDeps) {
    this.#deps = deps;
  }

  /** Stores the large ones among raw blocks; answers the CID texts of those that are stored now. */
  async write(request: PutRequest, blocks: readonly BlockToWrite[]): Promise<Set<string>> {
    const stored = new Set<string>();
    const large = blocks.filter(({ bytes }) => bytes.length >= LARGE_BLOCK_BYTES);
    if (large.length === 0 || request.format !== 'raw' || this.#isAway) return stored;
    const properties = await this.#deps.properties();
    if (!properties.directWrites) return stored;
    for (let i = 0; i < large.length; i += BLOCKS_AUTHORISED_AT_ONCE) {
      const group = large.slice(i, i + BLOCKS_AUTHORISED_AT_ONCE);
      const requests = await this.#deps.authoriseWrites(request, group.map(announced));
      await Promise.all(
        group.map(async (block, n) => {
          const isStored = await this.#writeOne(properties, requests[n], block, request.signal);
          if (isStored) stored.add(cidOf(block, 'raw').toString());
        }),
      );
    }
    return stored;
  }

  /** The verified blocks that could be read; undefined for those that have to be asked of the node. */
  async read(
    owner: KeyHash,
    blocks: readonly RawRead[],
    signal?: AbortSignal,
  ): Promise<(UnverifiedBlock | undefined)[]> {
    const properties = await this.#deps.properties();
    const { publicReads, publicReadUrl, authorisedReads } = properties;
    const found: (UnverifiedBlock | undefined)[] = blocks.map(() => undefined);
    if (this.#isAway) return found;
    if (publicReads && publicReadUrl !== undefined) {
      const requests = blocks.map(({ cid }) => ({
        // The key of a block: its binary CID.
        url: `${publicReadUrl}${toBase32(cid.bytes)}`,
        headers: new Map<string, string>(),
      }));
      await this.#readInto(found, properties, requests, blocks, signal);
    }
    const missing = blocks.map((_, i) => i).filter((i) => found[i] === undefined);
    if (!authorisedReads || missing.length === 0) return found;
    const asked = missing.map((i) => blocks[i]!);
    const requests = await this.#deps.authoriseReads(owner, asked, signal);
    const answers: (UnverifiedBlock | undefined)[] = asked.map(() => undefined);
    await this.#readInto(answers, properties, requests, asked, signal);
    for (const [n, i] of missing.entries()) found[i] = answers[n];
    return found;
  }

  async #readInto(
    found: (UnverifiedBlock | undefined)[],
    properties: BlockStoreProperties,
    requests: readonly DirectRequest[],
    blocks: readonly RawRead[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    await Promise.all(
      blocks.map(async ({ cid }, i) => {
        const request = requests[i];
        if (request === undefined) return;
        found[i] = await this.#readOne(properties, request, cid, signal);
      }),
    );
  }

  async #readOne(
    properties: BlockStoreProperties,
    request: DirectRequest,
    cid: Cid,
    signal: AbortSignal | undefined,
  ): Promise<UnverifiedBlock | undefined> {
    try {
      const response = await this.#ask(properties, request, undefined, signal);
      const bytes = await withinTime(TIMEOUT_MS, signal, (stop) =>
        readBody(incomingOf(response), BLOCK_MAX_BYTES, stop),
      );
      await verifyBlock(cid, bytes);
      return bytes as UnverifiedBlock;
    } catch (error) {
      if (!isStoreFault(error)) throw error;
      return undefined;
    }
  }

  async #writeOne(
    properties: BlockStoreProperties,
    request: DirectRequest | undefined,
    { bytes }: BlockToWrite,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    for (let attempt = 1; request !== undefined; attempt++) {
      try {
        await this.#ask(properties, request, bytes, signal);
        return true;
      } catch (error) {
        if (!isStoreFault(error)) throw error;
        const isFinal = !(error instanceof TransientFailure) || attempt === BLOCK_ATTEMPTS.count;
        if (isFinal || this.#isAway) return false;
        await this.#deps.pause(retryPauseMs(attempt, this.#deps.random), signal);
      }
    }
    return false;
  }

  async #ask(
    properties: BlockStoreProperties,
    { url, headers }: DirectRequest,
    body: Uint8Array | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Response> {
    const address = this.#checked(properties, url);
    const sent = [...headers].filter(([name]) => SENT_HEADERS.test(name.toLowerCase()));
    const timeoutMs = Math.max(TIMEOUT_MS, (body?.length ?? 0) / SLOWEST_BYTES_PER_MS);
    const asked = withinTime(timeoutMs, signal, (stop) =>
      this.#deps.fetch(
        new Request(address, {
          method: body === undefined ? 'GET' : 'PUT',
          headers: sent,
          ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }),
          signal: stop,
          cache: 'no-store',
          credentials: 'omit',
          redirect: 'error',
          referrerPolicy: 'no-referrer',
        }),
      ),
    );
    const response = await asked.catch((error: unknown) => this.#unreached(error));
    this.#hasAnswered = true;
    if (response.ok) return response;
    response.body?.cancel().catch(() => undefined);
    const refused = new MalformedAnswer(`The object store refused with ${response.status}.`);
    throw response.status >= 500 || response.status === 429
      ? new TransientFailure(refused)
      : refused;
  }

  get #isAway(): boolean {
    return this.#deps.clock() < this.#awayUntilMs;
  }

  /** One that answered before is tried again, as the protocol says. */
  #unreached(error: unknown): never {
    const isUnreachable = error instanceof TransientFailure;
    if (isUnreachable && !this.#hasAnswered) this.#awayUntilMs = this.#deps.clock() + AWAY_MS;
    throw error;
  }

  /** An address below the store the node names, and none that only this device reaches. */
  #checked({ objectStoreUrl, publicReadUrl }: BlockStoreProperties, text: string): URL {
    const url = addressIn(text);
    const stores = [objectStoreUrl, publicReadUrl].map((base) => addressIn(base));
    const isBelow = stores.some((store) => store !== undefined && store.origin === url?.origin);
    if (url !== undefined && isBelow && isStoreAddress(url, this.#deps.origin)) return url;
    throw new MalformedAnswer('The server names an object store that is not its own.');
  }
}

function addressIn(text: string | undefined): URL | undefined {
  return text === undefined ? undefined : parseUrl(text);
}

function announced({ bytes, authorisation }: BlockToWrite): AnnouncedBlock {
  const { codec } = cidOf({ bytes, authorisation }, 'raw');
  return { authorisation, sizeBytes: bytes.length, batIds: batIdsOfBlock(bytes, codec) };
}

/** What the node can make up for; a rate limit it cannot (B-6 §7). */
export function isStoreFault(error: unknown): boolean {
  if (error instanceof RateLimited) return false;
  return error instanceof PyrgosError || error instanceof TransientFailure;
}
