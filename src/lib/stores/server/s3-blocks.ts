/**
 * Blocks as objects of an S3-compatible service, one object each, for any number of processes.
 *
 * Two promises of the interface are kept as far as such a service can: a call that fails may leave
 * some of its blocks stored, or some deleted. They are not taken back, because another writer may
 * have found them there and count on them; what nothing refers to, collection removes.
 *
 * Keys are letters, digits, `-` and `_` in parts divided by `/`: they then are an object's name and
 * a path as they are, and sort there as they sort here.
 */
import { utf8 } from '#lib/bytes/index.ts';
import { CODEC } from '#lib/codec/index.ts';
import { hashBlock } from '#lib/crypto/index.ts';
import { StoreFull, StoreUnavailable } from '../types.ts';
import type { BlockEntry, BlockStore, ListedBlock, RoomLeft, RoomUse } from '../types.ts';
import { ObjectNames } from './s3-names.ts';
import type { ObjectNameOptions } from './s3-names.ts';
import { presignGet, presignPut } from './s3-presign.ts';
import type { BlockToPut, PresignedRequest } from './s3-presign.ts';
import { codeOf, errorOf, S3Requests } from './s3-requests.ts';
import type { S3Options } from './s3-requests.ts';
import { childText, escapeXml, parseXml } from './s3-xml.ts';
import type { XmlElement } from './s3-xml.ts';

export type S3BlockStoreOptions = S3Options & ObjectNameOptions;

export interface S3BlockStore extends BlockStore {
  /** Where all objects' names are below, for a bucket that anyone may read (B-6 §7). */
  readonly objectsUrl: string;
  /** Throws what is wrong with the address, the bucket or the credentials. */
  checkAccess(signal?: AbortSignal): Promise<void>;
  /** A request that anyone may send to read a block, for ten minutes (B-6 §7). */
  presignGet(key: string): Promise<PresignedRequest>;
  /** A request that anyone may send to store exactly these bytes (B-6 §7). */
  presignPut(key: string, block: BlockToPut): Promise<PresignedRequest>;
}

/** A store in a bucket that is there. Does nothing before the first call. */
export function createS3BlockStore(options: S3BlockStoreOptions): S3BlockStore {
  return new S3Blocks(new S3Requests(options), new ObjectNames(options));
}

const PARALLEL_REQUESTS = 8;
/** The service's limits. */
const LIST_PAGE = 1000;
const DELETE_PAGE = 1000;

/** An object that is deleted to make room when the bucket is full; no block has such a name. */
const RESERVE_OBJECT = 'reserve';
const RESERVE_BYTES = 4 * 1024 * 1024;
/** How long what was found out about it is believed: other processes use it, too. */
const RESERVE_KNOWN_MS = 10_000;

/** Pages of a list that is read on are taken from the first look for as long as this. */
const LIST_LASTS_MS = 60_000;

class S3Blocks implements S3BlockStore {
  readonly #requests: S3Requests;
  readonly #names: ObjectNames;
  #canDeleteMany = true;
  #canPutIfAbsent = true;
  /** When the reserve was last found there, and when it was refused since anything was deleted. */
  #reservedMs = -Infinity;
  #refusedMs = -Infinity;
  #lastList: { readonly prefix: string; readonly sinceMs: number; rest: ListedBlock[] } | undefined;

  constructor(requests: S3Requests, names: ObjectNames) {
    this.#requests = requests;
    this.#names = names;
  }

  get objectsUrl(): string {
    return this.#requests.bucketUrl + this.#names.folder;
  }

  async checkAccess(signal?: AbortSignal): Promise<void> {
    await this.#listPage({ 'max-keys': '1' }, signal);
    await this.#keepReserve();
  }

  /** `tight` while the room that is kept for changes is not there, and not to be had. */
  async roomLeft(): Promise<RoomLeft> {
    if (!this.#isRecent(this.#reservedMs) && !this.#isRecent(this.#refusedMs)) {
      await this.#keepReserve();
    }
    return this.#isRecent(this.#reservedMs) ? 'ample' : 'tight';
  }

  async get(key: string, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    signal?.throwIfAborted();
    const object = this.#names.objectOf(key);
    const answer = await this.#requests.send({ method: 'GET', object, accepts: [404], signal });
    if (answer.status !== 404) return answer.body;
    // A bucket, an account or a whole service that is not there says the same with another code.
    if (codeOf(answer) !== 'NoSuchKey') throw errorOf(answer);
    return undefined;
  }

  async has(key: string): Promise<boolean> {
    const object = this.#names.objectOf(key);
    const answer = await this.#requests.send({ method: 'HEAD', object, accepts: [404] });
    return answer.status !== 404;
  }

  async putMany(entries: readonly BlockEntry[], use: RoomUse = 'for content'): Promise<void> {
    const byObject = new Map(
      entries.toReversed().map(({ key, bytes }) => [this.#names.objectOf(key), bytes]),
    );
    try {
      await this.#putObjects(byObject);
    } catch (error) {
      if (!(error instanceof StoreFull) || use === 'for content') throw error;
      if (!(await this.#giveUpReserve())) throw error;
      await this.#putObjects(byObject);
    }
  }

  async deleteMany(keys: readonly string[]): Promise<void> {
    const objects = [...new Set(keys.map((key) => this.#names.objectOf(key)))];
    for (let i = 0; i < objects.length; i += DELETE_PAGE) {
      const page = objects.slice(i, i + DELETE_PAGE);
      if (this.#canDeleteMany) this.#canDeleteMany = await this.#deletePage(page);
      if (!this.#canDeleteMany) {
        await forEach(page, (object) => this.#requests.send({ method: 'DELETE', object }));
      }
    }
    if (this.#refusedMs === -Infinity) return;
    this.#refusedMs = -Infinity;
    await this.#keepReserve();
  }

  async list(prefix: string, after?: string, limit?: number): Promise<ListedBlock[]> {
    if (limit === 0) return [];
    return this.#names.keepOrder
      ? this.#listInOrder(prefix, after, limit ?? Infinity)
      : this.#listSorted(prefix, after, limit ?? Infinity);
  }

  presignGet(key: string): Promise<PresignedRequest> {
    return presignGet(this.#requests, this.#names.objectOf(key));
  }

  presignPut(key: string, block: BlockToPut): Promise<PresignedRequest> {
    return presignPut(this.#requests, this.#names.objectOf(key), block);
  }

  async #putObjects(byObject: ReadonlyMap<string, Uint8Array>): Promise<void> {
    await forEach(byObject, async ([object, bytes]) => {
      if (this.#canPutIfAbsent) this.#canPutIfAbsent = await this.#putIfAbsent(object, bytes);
      if (!this.#canPutIfAbsent && !(await this.#hasObject(object))) {
        await this.#put(object, bytes, {});
      }
    });
  }

  get #reserveObject(): string {
    return this.#names.folder + RESERVE_OBJECT;
  }

  /** Puts the reserve where it is missing; a full bucket is left without. */
  async #keepReserve(): Promise<void> {
    try {
      if (!(await this.#hasObject(this.#reserveObject))) {
        await this.#put(this.#reserveObject, new Uint8Array(RESERVE_BYTES), {});
      }
      this.#reservedMs = this.#now();
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error;
      this.#refusedMs = this.#now();
    }
  }

  /** False if there was none. */
  async #giveUpReserve(): Promise<boolean> {
    const isThere = await this.#hasObject(this.#reserveObject);
    this.#reservedMs = -Infinity;
    this.#refusedMs = this.#now();
    if (isThere) await this.#requests.send({ method: 'DELETE', object: this.#reserveObject });
    return isThere;
  }

  #isRecent(sinceMs: number): boolean {
    return this.#now() - sinceMs < RESERVE_KNOWN_MS;
  }

  #now(): number {
    return (this.#requests.options.clock ?? Date.now)();
  }

  /** False if the service does not know the condition; then nothing was stored. */
  async #putIfAbsent(object: string, bytes: Uint8Array): Promise<boolean> {
    const headers = { 'if-none-match': '*' };
    return (await this.#put(object, bytes, headers, [412, 501])) !== 501;
  }

  async #put(
    object: string,
    body: Uint8Array,
    headers: Readonly<Record<string, string>>,
    accepts: readonly number[] = [],
  ): Promise<number> {
    const answer = await this.#requests.send({
      method: 'PUT',
      object,
      headers: { ...headers, 'content-type': 'application/octet-stream' },
      body,
      accepts,
    });
    return answer.status;
  }

  async #hasObject(object: string): Promise<boolean> {
    const answer = await this.#requests.send({ method: 'HEAD', object, accepts: [404] });
    return answer.status !== 404;
  }

  /** False if the service has no bulk deletion, or wants a checksum that nobody else does. */
  async #deletePage(objects: readonly string[]): Promise<boolean> {
    const items = objects.map((object) => `<Object><Key>${escapeXml(object)}</Key></Object>`);
    const body = utf8(
      `<?xml version="1.0" encoding="UTF-8"?><Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` +
        `<Quiet>true</Quiet>${items.join('')}</Delete>`,
    );
    const answer = await this.#requests.send({
      method: 'POST',
      object: '',
      query: { delete: '' },
      headers: {
        'content-type': 'application/xml',
        'x-amz-sdk-checksum-algorithm': 'SHA256',
        'x-amz-checksum-sha256': await sha256Base64(body),
      },
      body,
      accepts: [400, 405, 501],
    });
    if (answer.status >= 400) return false;
    const result = parseXml(new TextDecoder().decode(answer.body));
    const refused = result.children.find(({ name }) => name === 'Error');
    if (refused === undefined) return true;
    throw new StoreUnavailable(
      `The object store did not delete everything (${childText(refused, 'Code') ?? 'no reason'}).`,
    );
  }

  async #listInOrder(prefix: string, after: string | undefined, limit: number) {
    const all: ListedBlock[] = [];
    const { folder } = this.#names;
    const start = after === undefined || after < prefix ? undefined : folder + after;
    const query = {
      prefix: folder + prefix,
      ...(start === undefined ? {} : { 'start-after': start }),
    };
    for (let token: string | undefined = ''; token !== undefined && all.length < limit;) {
      const size = Math.min(LIST_PAGE, limit - all.length);
      const page = await this.#listPage({
        ...query,
        'max-keys': String(size),
        ...(token === '' ? {} : { 'continuation-token': token }),
      });
      all.push(...page.blocks);
      token = page.next;
    }
    return all.slice(0, limit);
  }

  /**
   * Names that sort otherwise are all read and then sorted. A caller that reads such a list on, page by
   * page, is given the pages of that one look.
   */
  async #listSorted(prefix: string, after: string | undefined, limit: number) {
    const { clock = Date.now } = this.#requests.options;
    const last = this.#lastList;
    this.#lastList = undefined;
    const isReadOn =
      last?.prefix === prefix &&
      last.rest[0]?.key === after &&
      clock() - last.sinceMs < LIST_LASTS_MS;
    const sinceMs = isReadOn ? last.sinceMs : clock();
    const sorted = isReadOn ? last.rest.slice(1) : await this.#sortedFrom(prefix, after);
    const page = sorted.slice(0, limit);
    if (page.length < sorted.length) {
      this.#lastList = { prefix, sinceMs, rest: sorted.slice(page.length - 1) };
    }
    return page;
  }

  async #sortedFrom(prefix: string, after: string | undefined): Promise<ListedBlock[]> {
    const partition = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    const all = await this.#listInOrder(partition, undefined, Infinity);
    return all
      .filter(({ key }) => key.startsWith(prefix) && (after === undefined || key > after))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async #listPage(query: Readonly<Record<string, string>>, signal?: AbortSignal) {
    const answer = await this.#requests.send({
      method: 'GET',
      object: '',
      query: { 'list-type': '2', ...query },
      signal,
    });
    const result = parseXml(new TextDecoder().decode(answer.body));
    if (result.name !== 'ListBucketResult') throw malformed();
    const blocks = result.children
      .filter(({ name }) => name === 'Contents')
      .flatMap((item) => this.#listedBlock(item) ?? []);
    const isCut = childText(result, 'IsTruncated') === 'true';
    const next = childText(result, 'NextContinuationToken');
    if (isCut && (next === undefined || next === '')) throw malformed();
    return { blocks, next: isCut ? next : undefined };
  }

  /** `undefined`: an object that is no block. */
  #listedBlock(item: XmlElement): ListedBlock | undefined {
    const [object, size] = [childText(item, 'Key'), childText(item, 'Size')];
    if (object === undefined || !/^[0-9]{1,15}$/.test(size ?? '')) throw malformed();
    const key = object === this.#reserveObject ? undefined : this.#names.keyOf(object);
    return key === undefined ? undefined : { key, sizeBytes: Number(size) };
  }
}

async function sha256Base64(bytes: Uint8Array): Promise<string> {
  return Buffer.from((await hashBlock(bytes, CODEC.raw)).digest).toString('base64');
}

/** A few at a time; none is begun after one has failed. */
async function forEach<T>(items: Iterable<T>, body: (item: T) => Promise<unknown>): Promise<void> {
  const queue = Iterator.from(items);
  let hasFailed = false;
  const outcomes = await Promise.allSettled(
    Array.from({ length: PARALLEL_REQUESTS }, async () => {
      for (let next = queue.next(); next.done !== true && !hasFailed; next = queue.next()) {
        await body(next.value).catch((error: unknown) => {
          hasFailed = true;
          throw error;
        });
      }
    }),
  );
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

function malformed(): StoreUnavailable {
  return new StoreUnavailable('The object store answered with a list that cannot be read.');
}
