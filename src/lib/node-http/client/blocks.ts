/** Blocks over HTTP (B-1 §2.1): each call as the reference client makes it. */
import {
  asMap,
  BLOCK_MAX_BYTES,
  BULK_AUTH_MAX_BLOCKS,
  cborMap,
  encodeCbor,
} from '#lib/codec/index.ts';
import { asList, asText } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { toHex } from '#lib/bytes/index.ts';
import type { BatWithId, KeyHash } from '#lib/crypto/index.ts';
import type {
  LookedUpBlock,
  BlockStoreProperties,
  DirectRequest,
  NodeBlocks,
  UnverifiedBlock,
} from '#lib/node/index.ts';
import {
  BlockTooBig,
  ChampRootMissing,
  IPNS_RECORD_MAX_BYTES,
  ipnsRecordFromJson,
  MalformedAnswer,
  MalformedRequest,
  PATHS,
} from '#lib/protocol/index.ts';
import type { BlockToWrite, SignedIpnsRecord } from '#lib/protocol/index.ts';
import {
  MIGRATION_ADDRESSES_MAX,
  MULTIADDR_MAX_UNITS,
  PEER_ADDRESSES,
} from '../wire/extensions.ts';
import { parseAnswer, readCbor, readCid, readJsonMember, readText } from './parse-response.ts';
import { directRequestsIn, propertiesOf } from './block-answers.ts';
import { BulkPuts, cidOf } from './bulk-puts.ts';
import type { PutRequest } from './bulk-puts.ts';
import { DirectTransfer, isStoreFault } from './direct.ts';
import type { RawRead } from './direct.ts';
import { LONG_TIMEOUT_MS } from './send-request.ts';
import { LookUps } from './champ-lookups.ts';
import type { Offered } from './server-extensions.ts';
import type { Prefetched } from './prefetched.ts';
import { RawReads, rawReadToCbor } from './raw-reads.ts';
import { BLOCK_ATTEMPTS } from './retry.ts';
import { SharedReads } from './shared-reads.ts';
import { later } from './timers.ts';
import type { Transport, TransportDeps } from './transport.ts';
import type { Fetch } from './http-types.ts';

/** In hex, with its signature. */
const NODE_RECORD_MAX_BYTES = 3 * IPNS_RECORD_MAX_BYTES;
/** Some servers never answer where they have none. */
const NODE_RECORD_TIMEOUT_MS = 10_000;
const TRANSACTION_ID_BYTES = 16;
const TRANSACTION_ID_MAX_BYTES = 64;
const ORDINARY_NODE: BlockStoreProperties = {
  directWrites: false,
  publicReads: false,
  authorisedReads: false,
};

/** How long the end of a commit waits for its transaction to be closed. */
const CLOSE_WAIT_MS = 2_000;

export interface BlocksContext extends Pick<
  TransportDeps,
  'random' | 'pause' | 'origin' | 'clock'
> {
  readonly fetch: Fetch;
  readonly transport: Transport;
  readonly offered: Offered;
  readonly prefetched: Prefetched;
  /**
   * A block of this owner is gone: the sign of a pointer that has moved on since it was read, so
   * the next question for one has to go to the node (A-10 §6, B-1 §1.1).
   */
  readonly onMissing: (owner: KeyHash) => void;
}

export function createHttpBlocks(context: BlocksContext): NodeBlocks {
  return new HttpBlocks(context);
}

class HttpBlocks implements NodeBlocks {
  readonly #context: BlocksContext;
  readonly #transport: Transport;
  readonly #lookUps: LookUps;
  readonly #puts: BulkPuts;
  readonly #direct: DirectTransfer;
  readonly #rawReads: RawReads;
  readonly #gets = new SharedReads<UnverifiedBlock | undefined>(
    (block) => block?.slice() as UnverifiedBlock | undefined,
  );
  #ids: Promise<Cid[]> | undefined;
  #properties: Promise<BlockStoreProperties> | undefined;

  constructor(context: BlocksContext) {
    const { transport, offered, fetch, random, pause, origin, clock } = context;
    this.#context = context;
    this.#transport = transport;
    this.#lookUps = new LookUps(transport);
    this.#puts = new BulkPuts(transport);
    this.#direct = new DirectTransfer({
      fetch,
      random,
      pause,
      origin,
      clock,
      properties: () => this.#knownProperties(),
      authoriseWrites: ({ owner, writer, tid }, blocks) =>
        this.authoriseWrites(owner, writer, blocks, tid),
      authoriseReads: (owner, blocks) => this.authoriseReads(owner, blocks),
    });
    this.#rawReads = new RawReads({
      transport,
      offered,
      direct: this.#direct,
      mayHaveStore: () => this.#mayHaveStore(),
      getOne: (owner, block, signal) => this.#getOne(owner, block, signal),
    });
  }

  async nodeId(): Promise<Cid> {
    return (await this.nodeIds()).at(-1)!;
  }

  nodeIds(): Promise<Cid[]> {
    this.#ids ??= this.#askIds();
    // A failure is no answer: the next one who asks tries again.
    this.#ids.catch(() => (this.#ids = undefined));
    return this.#ids;
  }

  /** Nothing where the node does not say that it listens for others. */
  async peerAddresses(): Promise<string[]> {
    await this.nodeIds();
    if (!this.#context.offered.has('peer-addresses')) return [];
    const { bytes } = await this.#transport.call({ path: PEER_ADDRESSES });
    const what = 'The addresses for other nodes';
    const listed = readCbor(what, bytes, (value) =>
      asList(value, what).map((it) => asText(it, what)),
    );
    return listed
      .filter((it) => it.length <= MULTIADDR_MAX_UNITS)
      .slice(0, MIGRATION_ADDRESSES_MAX);
  }

  async nodeRecord(nodeId: Cid): Promise<SignedIpnsRecord | undefined> {
    const { bytes } = await this.#transport.call({
      path: PATHS.ipnsGet,
      query: [['arg', nodeId.toPeerId()]],
      maxBytes: NODE_RECORD_MAX_BYTES,
      timeoutMs: NODE_RECORD_TIMEOUT_MS,
    });
    if (bytes.length === 0) return undefined;
    const what = 'The record of a node';
    return parseAnswer(what, () => ipnsRecordFromJson(readText(what, bytes)));
  }

  async properties(): Promise<BlockStoreProperties> {
    const { bytes } = await this.#read(PATHS.blockStoreProperties, []);
    const what = "The block store's properties";
    return readCbor(what, bytes, (value) => propertiesOf(asMap(value, what), what));
  }

  async sizeBytes(owner: KeyHash, cid: Cid): Promise<number> {
    const { bytes } = await this.#read(PATHS.blockStat, [
      ['arg', cid.toString()],
      ['owner', owner.toString()],
    ]);
    const size = readJsonMember('The size of a block', bytes, 'Size');
    if (typeof size === 'number' && Number.isSafeInteger(size) && size >= 0) return size;
    throw new MalformedAnswer('The size of a block is no number.');
  }

  async authoriseWrites(
    ...[owner, writer, blocks, tid]: Parameters<NodeBlocks['authoriseWrites']>
  ): Promise<DirectRequest[]> {
    requireAtMost(blocks.length);
    const { bytes } = await this.#transport.call({
      path: PATHS.authoriseWrites,
      query: [
        ['owner', owner.toString()],
        ['writer', writer.toString()],
        ['transaction', tid],
        ['raw', 'true'],
      ],
      body: encodeCbor(
        cborMap([
          ['s', blocks.map(({ authorisation }) => authorisation)],
          ['l', blocks.map(({ sizeBytes }) => sizeBytes)],
          ['b', blocks.map(({ batIds }) => batIds.map((id) => id.bytes))],
        ]),
      ),
      priority: 'bulk',
      timeoutMs: LONG_TIMEOUT_MS,
    });
    return directRequestsIn(bytes, blocks.length);
  }

  async authoriseReads(
    ...[owner, blocks]: Parameters<NodeBlocks['authoriseReads']>
  ): Promise<DirectRequest[]> {
    requireAtMost(blocks.length);
    const { bytes } = await this.#transport.call({
      path: PATHS.authoriseReads,
      query: [['owner', owner.toString()]],
      body: encodeCbor(blocks.map(rawReadToCbor)),
      priority: 'content',
    });
    return directRequestsIn(bytes, blocks.length);
  }

  /** Where the node says that any id will do, one is drawn here. */
  async startTransaction(owner: KeyHash): Promise<string> {
    const { offered, random } = this.#context;
    if (offered.has('own-transactions')) return toHex(random(TRANSACTION_ID_BYTES));
    const { bytes } = await this.#read(PATHS.transactionStart, [['owner', owner.toString()]]);
    const tid = readText('A transaction id', bytes);
    if (tid.length > 0 && tid.length <= TRANSACTION_ID_MAX_BYTES) return tid;
    throw new MalformedAnswer('A transaction id has a wrong length.');
  }

  /**
   * Asked once, and not waited for long: what is left open ends by itself (A-10 §6). The answer of a
   * server that is slow is still taken in.
   */
  async closeTransaction(owner: KeyHash, tid: string): Promise<void> {
    const closing = this.#transport.call({
      path: PATHS.transactionClose,
      query: [
        ['arg', tid],
        ['owner', owner.toString()],
      ],
    });
    closing.catch(() => undefined);
    let cancel = (): void => undefined;
    const waited = new Promise<void>((resolve) => (cancel = later(CLOSE_WAIT_MS, resolve)));
    try {
      await Promise.race([closing, waited]);
    } finally {
      cancel();
    }
  }

  async put(...[owner, writer, blocks, format, tid, signal]: Parameters<NodeBlocks['put']>) {
    signal?.throwIfAborted();
    for (const { bytes } of blocks) {
      if (bytes.length > BLOCK_MAX_BYTES) {
        throw new BlockTooBig(`A block has ${bytes.length} bytes, more than ${BLOCK_MAX_BYTES}.`);
      }
    }
    const request: PutRequest = { owner, writer, format, tid, signal };
    const stored = await this.#putDirectly(request, blocks);
    const cids = blocks.map((block) => cidOf(block, format));
    const rest = blocks.filter((_, i) => !stored.has(cids[i]!.toString()));
    await this.#puts.put(request, rest);
    return cids;
  }

  get(
    ...[owner, cid, bat, signal]: Parameters<NodeBlocks['get']>
  ): Promise<UnverifiedBlock | undefined> {
    if (cid.isIdentity) return Promise.resolve(cid.digest.slice() as UnverifiedBlock);
    const prefetched = this.#context.prefetched.take(owner, cid);
    if (prefetched !== undefined) return Promise.resolve(prefetched);
    const block: RawRead = bat === undefined ? { cid } : { cid, bat };
    return this.#gets.read(
      `${owner.toString()}/${cid.toString()}/${bat?.toSecretText() ?? ''}`,
      (shared) =>
        cid.isRaw ? this.#rawReads.get(owner, block, shared) : this.#getOne(owner, block, shared),
      signal,
    );
  }

  async champLookup(
    ...[owner, root, keys, signal]: Parameters<NodeBlocks['champLookup']>
  ): Promise<LookedUpBlock[]> {
    try {
      return await this.#lookUps.find(owner, root, keys, signal);
    } catch (error) {
      if (error instanceof ChampRootMissing) this.#context.onMissing(owner);
      throw error;
    }
  }

  async #getOne(
    owner: KeyHash,
    { cid, bat }: RawRead,
    signal: AbortSignal | undefined,
  ): Promise<UnverifiedBlock | undefined> {
    const { bytes } = await this.#transport.call({
      path: PATHS.blockGet,
      query: [['arg', cid.toString()], ['owner', owner.toString()], ...batQuery(bat)],
      priority: cid.isRaw ? 'content' : 'interactive',
      attempts: BLOCK_ATTEMPTS,
      maxBytes: BLOCK_MAX_BYTES,
      signal,
    });
    if (bytes.length > 0) return bytes as UnverifiedBlock;
    this.#context.onMissing(owner);
    return undefined;
  }

  async #putDirectly(
    request: PutRequest,
    blocks: readonly BlockToWrite[],
  ): Promise<ReadonlySet<string>> {
    if (request.format !== 'raw' || !this.#mayHaveStore()) return new Set();
    try {
      return await this.#direct.write(request, blocks);
    } catch (error) {
      if (!isStoreFault(error)) throw error;
      return new Set();
    }
  }

  #mayHaveStore(): boolean {
    const { offered } = this.#context;
    return !offered.isKnown || offered.has('object-store');
  }

  /** The properties, asked for once; a node that cannot say is an ordinary one (B-7 §1). */
  #knownProperties(): Promise<BlockStoreProperties> {
    this.#properties ??= this.properties().catch(() => {
      this.#properties = undefined;
      return ORDINARY_NODE;
    });
    return this.#properties;
  }

  async #askIds(): Promise<Cid[]> {
    const { bytes } = await this.#read(PATHS.ids, []);
    const ids = readJsonMember("The server's ids", bytes, 'IDS');
    if (!Array.isArray(ids) || ids.length === 0) {
      throw new MalformedAnswer("The server's ids cannot be read.");
    }
    return ids.map((id: unknown) => readCid('An id of the server', id));
  }

  #read(path: string, query: readonly (readonly [string, string])[]) {
    return this.#transport.call({ path, query, attempts: BLOCK_ATTEMPTS });
  }
}

function batQuery(bat: BatWithId | undefined): [string, string][] {
  return bat === undefined ? [] : [['bat', bat.toSecretText()]];
}

function requireAtMost(count: number): void {
  if (count > BULK_AUTH_MAX_BLOCKS) throw new MalformedRequest('Too many blocks at once.');
}
