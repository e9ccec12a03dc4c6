/**
 * The websites of users (C-9 §9.10), found by what they made public as any stranger finds it, and
 * kept in memory while the pointers of all writers they were read from are the same.
 */
import { siteFile, sitePolicy, type Site, type SiteFile } from '#lib/apps/index.ts';
import { concat, PyrgosError, type Random } from '#lib/bytes/index.ts';
import { sameCid, type Cid } from '#lib/codec/index.ts';
import { LruMap } from '#lib/collections/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { Drive, type DriveDeps, type Handle } from '#lib/drive/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { UnknownUser } from '#lib/protocol/index.ts';
import {
  findPublished,
  NotPublic,
  shownIdentity,
  WEB_ROOT_MAX_BYTES,
  webRootFieldOf,
  webRootFrom,
  type PublishedItem,
} from '#lib/social/index.ts';
import { createBlockCache, createPointerMemory, NotOwned, Snapshot } from '#lib/writers/index.ts';

const BLOCK_CACHE_BYTES = 32 * 1024 * 1024;
const SITES_KEPT = 1000;
const FILE_MAX_BYTES = 200 * 1024;
const FILES_KEPT = 1000;
const FILES_BYTES = 64 * 1024 * 1024;

interface Seen {
  readonly writer: KeyHash;
  readonly target: Cid | undefined;
}

export interface Website extends Site {
  readonly policy: string;
  /** States it was read from. */
  readonly seen: readonly Seen[];
}

interface KeptFile {
  readonly website: Website;
  readonly file: SiteFile;
  readonly bytes: Uint8Array;
}

export interface WebsitesDeps {
  readonly node: StorageNode;
  readonly random: Random;
  readonly clock: () => number;
}

export class Websites {
  readonly #driveDeps: DriveDeps;
  readonly #drive: Drive;
  readonly #sites = new LruMap<string, Website>(SITES_KEPT);
  readonly #files = new LruMap<string, KeptFile>(FILES_BYTES, ({ bytes }) =>
    Math.max(bytes.length, FILES_BYTES / FILES_KEPT),
  );

  constructor({ node, random, clock }: WebsitesDeps) {
    this.#driveDeps = {
      node,
      random,
      clock,
      pointerMemory: createPointerMemory(),
      blockCache: createBlockCache(BLOCK_CACHE_BYTES),
      cipher: createLocalChunkCipher(random),
    };
    this.#drive = new Drive(this.#driveDeps);
  }

  /** The website of a user as it is now; undefined if there is none. */
  async of(username: string, signal: AbortSignal): Promise<Website | undefined> {
    const kept = this.#sites.get(username);
    if (kept !== undefined && (await this.#isFresh(kept, signal))) return kept;
    this.#sites.delete(username);
    try {
      const found = await this.#find(username, signal);
      if (found !== undefined) this.#sites.set(username, found);
      return found;
    } catch (error) {
      if (isNoWebsite(error)) return undefined;
      throw error;
    }
  }

  /** The file for a path of a URL, by the rules of C-9 §9.10. */
  async file(
    website: Website,
    username: string,
    path: string,
    signal: AbortSignal,
  ): Promise<SiteFile> {
    const key = `${username} ${path}`;
    const kept = this.#files.get(key);
    if (kept?.website === website) return { ...kept.file, ...bodyOfBytes(kept.bytes) };
    const file = await siteFile(website, path, { servesHidden: true, signal });
    const isKept = file.status === 200 && file.sizeBytes < FILE_MAX_BYTES;
    if (!isKept || !(await this.#isInRoot(website, file, signal))) return file;
    const pieces: Uint8Array[] = [];
    for await (const piece of file.read(0, undefined, signal)) pieces.push(piece);
    const bytes = concat(...pieces);
    this.#files.set(key, { website, file, bytes });
    return { ...file, ...bodyOfBytes(bytes) };
  }

  async #find(username: string, signal: AbortSignal): Promise<Website | undefined> {
    const { node } = this.#driveDeps;
    const visit = {
      driveDeps: this.#driveDeps,
      identityOf: (name: string) => shownIdentity(node, name),
    };
    // The states are noted before what is read from them: a change meanwhile is seen the next time.
    const owner = await shownIdentity(node, username);
    const before = new Snapshot(this.#driveDeps, owner);
    const { target } = await before.state(owner, signal);
    const field = await findPublished(visit, webRootFieldOf(username), signal);
    const states = [{ writer: owner, target }, await seenNow(before, field.item, signal)];
    const root = webRootFrom(await this.#textOf(field, signal));
    if (root === undefined || root[0] !== username) return undefined;
    const published = await findPublished(visit, root, signal);
    states.push(await seenNow(before, published.item, signal));
    const folder = await this.#below(published, signal);
    if (folder?.isDirectory !== true) return undefined;
    states.push(await seenNow(before, folder, signal));
    const site = { drive: this.#drive, root: folder };
    return { ...site, policy: await sitePolicy(site, signal), seen: states };
  }

  async #textOf({ item, rest }: PublishedItem, signal: AbortSignal): Promise<Uint8Array> {
    const { sizeBytes } = item.properties;
    if (item.isDirectory || rest.length > 0 || sizeBytes > WEB_ROOT_MAX_BYTES) {
      return new Uint8Array();
    }
    const pieces: Uint8Array[] = [];
    for await (const piece of this.#drive.read(item, 0, sizeBytes, signal)) pieces.push(piece);
    return concat(...pieces);
  }

  async #below({ item, rest }: PublishedItem, signal: AbortSignal): Promise<Handle | undefined> {
    let at = item;
    for (const name of rest) {
      const row = at.isDirectory ? await this.#drive.find(at, name, signal) : undefined;
      if (row === undefined) return undefined;
      at = await this.#drive.open(at, row, signal);
    }
    return at;
  }

  /** Whether a file and all folders above it lie in the writing space of the root. */
  async #isInRoot({ root }: Website, { path }: SiteFile, signal: AbortSignal): Promise<boolean> {
    let at = root;
    for (const name of path) {
      const row = at.isDirectory ? await this.#drive.find(at, name, signal) : undefined;
      if (row === undefined) return false;
      at = await this.#drive.open(at, row, signal);
      if (!at.capability.writer.equals(root.capability.writer)) return false;
    }
    return true;
  }

  async #isFresh({ root, seen }: Website, signal: AbortSignal): Promise<boolean> {
    const now = new Snapshot(this.#driveDeps, root.capability.owner);
    const states = await Promise.all(seen.map(({ writer }) => now.state(writer, signal)));
    return states.every(({ target }, i) => sameCid(target, seen[i]!.target));
  }
}

async function seenNow(view: Snapshot, { capability }: Handle, signal: AbortSignal): Promise<Seen> {
  const { writer } = capability;
  return { writer, target: (await view.state(writer, signal)).target };
}

function bodyOfBytes(bytes: Uint8Array): Pick<SiteFile, 'sizeBytes' | 'read'> {
  return {
    sizeBytes: bytes.length,
    async *read(start = 0, end = bytes.length) {
      if (end > start) yield bytes.subarray(start, end);
    },
  };
}

/** Nobody of this name here, nothing public, or nothing of his own that can be read. */
function isNoWebsite(error: unknown): boolean {
  if (error instanceof NotPublic || error instanceof NotOwned || error instanceof UnknownUser) {
    return true;
  }
  return error instanceof PyrgosError && ['not-found', 'damaged', 'invalid'].includes(error.kind);
}
