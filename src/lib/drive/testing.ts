/** An account with an empty home on a node in memory, for the tests of this room and those above. */
import type { Random } from '#lib/bytes/index.ts';
import { champEntries } from '#lib/champ/testing.ts';
import type { Cid } from '#lib/codec/index.ts';
import {
  buildDirectoryNode,
  chunkCount,
  createLocalChunkCipher,
  randomLocation,
  type Capability,
  type ChunkCipher,
  type OpenNode,
} from '#lib/cryptree/index.ts';
import { Bat, SymmetricKey } from '#lib/crypto/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { createBlockCache, createWriterLock, Commit, Snapshot } from '#lib/writers/index.ts';
import { createTestAccount, depsOn, seededRandom, type TestAccount } from '#lib/writers/testing.ts';
import { chunkNode, fileOf } from './content.ts';
import { directoryChunks } from './directory.ts';
import { Drive } from './drive.ts';
import { openAt } from './nodes.ts';
import { bytesSource } from './sources.ts';
import { isSystemName } from './system-folders.ts';
import type { DriveDeps, Handle, Home, ListedEntry, UploadOptions } from './types.ts';

export interface TestDrive {
  readonly account: TestAccount;
  readonly home: Home;
  readonly drive: Drive;
  /** Another device of the same person: its own memory, perhaps another view of the node. */
  another(node?: StorageNode, options?: Partial<DriveDeps>): Drive;
}

export interface TestDriveOptions extends Partial<DriveDeps> {
  readonly seed?: number;
  readonly quotaBytes?: () => number;
}

export async function createTestDrive(options: TestDriveOptions = {}): Promise<TestDrive> {
  const { seed = 1, quotaBytes, ...driveOptions } = options;
  const account = await createTestAccount(seed, quotaBytes ? { quotaBytes } : {});
  const home = await makeHome(account);
  let devices = 0;
  const another = (node: StorageNode = account.node, more: Partial<DriveDeps> = {}) => {
    const random = seededRandom(1000 * seed + ++devices);
    const deps = driveDeps(node, random, account, { ...driveOptions, ...more });
    return new Drive(deps, home);
  };
  return { account, home, drive: another(), another };
}

/** What a drive works with on one device. */
export function driveDeps(
  node: StorageNode,
  random: Random,
  { clock }: Pick<TestAccount, 'clock'>,
  options: Partial<DriveDeps> = {},
): DriveDeps {
  return {
    ...depsOn(node, random, clock),
    cipher: createTakingCipher(random),
    blockCache: createBlockCache(4 * 1024 * 1024),
    lock: createWriterLock(),
    ...options,
  };
}

/** Takes over the buffers it is given, as one in a worker does: they are empty for the caller. */
function createTakingCipher(random: Random): ChunkCipher {
  const cipher = createLocalChunkCipher(random);
  const taken = <T extends Uint8Array>(bytes: T): T =>
    structuredClone(bytes, { transfer: [bytes.buffer] });
  return {
    seal: (job, signal) => cipher.seal({ ...job, plain: taken(job.plain) }, signal),
    open: (chunk, key, signal) => {
      const fragments = chunk.fragments.map(({ cid, block }) => ({ cid, block: taken(block) }));
      return cipher.open({ ...chunk, fragments }, key, signal);
    },
    hash: (plain, signal) => cipher.hash(taken(plain), signal),
  };
}

async function makeHome(account: TestAccount): Promise<Home> {
  const { deps, owner, home: signer } = account;
  const { random } = deps;
  const bat = Bat.random(random);
  const mirrorBatId = bat.secretHashId();
  const capability: Capability = {
    owner,
    writer: signer.hash,
    readKey: SymmetricKey.random(random),
    writeKey: SymmetricKey.random(random),
    ...randomLocation(random),
  };
  const now = { seconds: 1_900_000_000, nanos: 0 };
  const fields = {
    capability,
    parentKey: SymmetricKey.random(random),
    next: randomLocation(random),
    parent: undefined,
    properties: {
      name: 'alice',
      isDirectory: true,
      isLink: false,
      mimeType: '',
      sizeBytes: 0,
      modified: now,
      created: now,
      isHidden: false,
    },
    children: [],
    signer,
    mirrorBatId,
  };
  const { value } = await buildDirectoryNode(fields, random);
  const commit = new Commit(deps, owner);
  await commit.setMapped(signer, capability.mapKey, undefined, commit.putCbor(signer, value));
  await commit.commit();
  return { owner, username: 'alice', capability, signer, mirrorBatId };
}

/** All rows of a folder. */
export async function rowsOf(drive: Drive, folder: Handle): Promise<ListedEntry[]> {
  const rows: ListedEntry[] = [];
  for await (const batch of drive.list(folder)) rows.push(...batch);
  return rows;
}

/** Rows of the home that are the person's own; none of the app's folders. */
export async function ownRowsOf(drive: Drive, home: Handle): Promise<ListedEntry[]> {
  return (await rowsOf(drive, home)).filter(({ name }) => !isSystemName([], name));
}

export async function namesOf(drive: Drive, folder: Handle): Promise<string[]> {
  return (await rowsOf(drive, folder)).map(({ name }) => name).sort();
}

/** The bytes of a file, or of a range of it. */
export async function bytesOf(
  drive: Drive,
  file: Handle,
  start?: number,
  end?: number,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of drive.read(file, start, end)) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}

/** Uploads one file and opens it. */
export async function put(
  drive: Drive,
  folder: Handle,
  name: string,
  bytes: Uint8Array,
  options: UploadOptions = {},
): Promise<Handle> {
  await drive.upload(folder, [{ path: [name], source: bytesSource(bytes) }], options);
  const entry = await drive.find(folder, name);
  if (!entry) throw new Error(`${name} was not stored`);
  return drive.open(folder, entry);
}

/** Bytes in which every position differs from its neighbours. */
export function patternOf(length: number, salt = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7 + salt) & 0xff);
}

/** The nodes of a file's chunks, or of the parts of a folder's list, in order. */
export async function chunksOf(
  { account }: Pick<TestDrive, 'account'>,
  handle: Handle,
): Promise<OpenNode[]> {
  const snapshot = new Snapshot(depsOn(account.node), account.owner);
  const first = (await openAt(snapshot, handle.capability))!;
  const nodes: OpenNode[] = [];
  if (handle.isDirectory) {
    for await (const { node } of directoryChunks(snapshot, first)) nodes.push(node);
    return nodes;
  }
  for (let index = 0; ; index++) {
    const node = await chunkNode(snapshot, fileOf(first), index);
    if (node === undefined) return nodes;
    nodes.push(node);
  }
}

/** A node that has lost some blocks. */
export function withoutBlocks(node: StorageNode, lost: readonly Cid[]): StorageNode {
  const { blocks } = node;
  return {
    ...node,
    blocks: {
      ...blocks,
      async get(owner, cid, ...rest) {
        return lost.some((one) => one.equals(cid)) ? undefined : blocks.get(owner, cid, ...rest);
      },
      // It would look the blocks up by itself.
      champLookup: () => Promise.resolve([]),
    },
  };
}

/** Labels in the data map of the home's writing space. */
export async function countMapped({ account }: Pick<TestDrive, 'account'>): Promise<number> {
  const { owner, home, node } = account;
  const snapshot = new Snapshot(depsOn(node), owner);
  const { data } = await snapshot.state(home.hash);
  if (!data?.tree) return 0;
  let count = 0;
  const blocks = { load: (cid: Cid) => snapshot.block(cid), save: () => fail('reads only') };
  for await (const _ of champEntries(blocks, data.tree)) count++;
  return count;
}

/** Labels that the tree below and including `handle` leads to, by walking it. */
export async function countReachable(
  drive: Drive,
  test: Pick<TestDrive, 'account'>,
  handle: Handle,
  chunkBytes: number,
): Promise<number> {
  if (!handle.isDirectory) return chunkCount(handle.properties.sizeBytes, chunkBytes);
  const snapshot = new Snapshot(depsOn(test.account.node), test.account.owner);
  const node = await openAt(snapshot, handle.capability);
  let count = 0;
  for await (const _ of directoryChunks(snapshot, node!)) count++;
  for await (const batch of drive.list(handle)) {
    for (const child of await drive.openMany(handle, batch)) {
      if (child instanceof Error) throw child;
      count += await countReachable(drive, test, child, chunkBytes);
    }
  }
  return count;
}

function fail(message: string): never {
  throw new Error(message);
}
