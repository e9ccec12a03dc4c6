/** Devices of one user, each behind a line that can be cut, for tests of pending changes. */
import type { StorageNode } from '#lib/node/index.ts';
import { createCachingNode, createOfflineNode } from '#lib/offline/index.ts';
import type { OfflineNode } from '#lib/offline/index.ts';
import { NodeUnreachable } from '#lib/protocol/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import type { BlockStore, RecordStore } from '#lib/stores/index.ts';
import { seededRandom } from '#lib/writers/testing.ts';
import {
  createBlockCache,
  createPointerMemory,
  createWriterLock,
  rememberBesidePending,
} from '#lib/writers/index.ts';
import { Drive } from '../drive.ts';
import { bytesOf, driveDeps, rowsOf, type TestDrive } from '../testing.ts';
import type { DriveDeps, Handle } from '../types.ts';
import { MergeReport } from './report.ts';
import { syncPending } from './sync-pending.ts';

export interface Line {
  isUp: boolean;
  /** Calls until it breaks by itself. */
  left: number;
  /** The call on which it breaks is heard by the node, whose answer is lost. */
  losesAnswer: boolean;
  /** It breaks for that one call only. */
  isBrief: boolean;
  calls: string[];
}

/** A node at the end of a line. */
export function overLine(node: StorageNode): { remote: StorageNode; line: Line } {
  const line: Line = { isUp: true, left: Infinity, losesAnswer: false, isBrief: false, calls: [] };
  const through = (part: string, target: object): unknown =>
    new Proxy(target, {
      get: (inner, name) => {
        const member = Reflect.get(inner, name) as unknown;
        if (typeof member !== 'function') return member;
        return async (...asked: unknown[]) => {
          if (!line.isUp) throw new NodeUnreachable('away');
          line.calls.push(`${part}.${String(name)}`);
          if (--line.left < 0) {
            line.isUp = line.isBrief;
            if (line.isBrief) line.left = Infinity;
            if (line.losesAnswer) await Reflect.apply(member, inner, asked);
            throw new NodeUnreachable('broken');
          }
          return Reflect.apply(member, inner, asked) as unknown;
        };
      },
    });
  const parts = Object.entries(node).filter(([, part]) => typeof part === 'object');
  const remote = Object.fromEntries(
    parts.map(([name, part]) => [name, through(name, part as object)]),
  ) as unknown as StorageNode;
  return { remote, line };
}

export interface Device {
  readonly drive: Drive;
  readonly node: OfflineNode;
  readonly deps: DriveDeps;
  readonly line: Line;
  readonly stores: { readonly blocks: BlockStore; readonly records: RecordStore };
  /** Sends the pending changes; returns the reports of earlier calls too. */
  send(): ReturnType<typeof syncPending>;
  pending(): Promise<number>;
}

export interface DeviceOptions {
  readonly seed: number;
  readonly stores?: Device['stores'];
  readonly maxBytes?: number;
  readonly chunkBytes?: number;
  /** The node as this device reaches it; absent: over a line of its own. */
  readonly remote?: StorageNode;
}

/** A device, or the same one after a reload when it is given the stores it had. */
export function createDevice(test: TestDrive, options: DeviceOptions): Device {
  const { account, home } = test;
  const stores = options.stores ?? createMemoryStores();
  const { remote, line } = overLine(options.remote ?? account.node);
  const random = seededRandom(options.seed);
  const through = createCachingNode(remote, { ...stores, clock: () => account.clock.nowMs });
  const { maxBytes } = options;
  const node = createOfflineNode(through, {
    ...stores,
    direct: remote,
    random,
    ...(maxBytes === undefined ? {} : { maxBytes }),
  });
  const pointerMemory = rememberBesidePending(createPointerMemory(), (writer, state) =>
    node.isOwn(writer, state),
  );
  const deps = driveDeps(node, random, account, {
    pointerMemory,
    blockCache: createBlockCache(4 * 1024 * 1024),
    lock: createWriterLock(),
    chunkBytes: options.chunkBytes ?? 64 * 1024,
  });
  const report = new MergeReport();
  return {
    drive: new Drive(deps, home),
    node,
    deps,
    line,
    stores,
    send: () => syncPending(node, deps, home, { trash: '.trash', report }),
    pending: () => node.pending(home.owner),
  };
}

/** A tree as paths: contents of files as text, `null` for folders. */
export async function treeOf(
  drive: Drive,
  folder?: Handle,
  prefix = '',
): Promise<Map<string, string | null>> {
  const at = folder ?? (await drive.home());
  const tree = new Map<string, string | null>();
  for (const row of await rowsOf(drive, at)) {
    if (row.unreadable !== undefined) throw new Error(`${prefix}${row.name} is unreadable`);
    const handle = await drive.open(at, row);
    const path = `${prefix}${row.name}`;
    if (handle.isDirectory) {
      tree.set(path, null);
      for (const [below, value] of await treeOf(drive, handle, `${path}/`)) tree.set(below, value);
    } else tree.set(path, Buffer.from(await bytesOf(drive, handle)).toString());
  }
  return tree;
}

export interface Facts {
  /** `null`: a folder. */
  readonly content: string | null;
  readonly isHidden: boolean;
  /** Seconds since 1970. */
  readonly modified: number;
}

/** A tree as paths, with what is told of each. */
export async function factsOf(
  drive: Drive,
  folder?: Handle,
  prefix = '',
): Promise<Map<string, Facts>> {
  const at = folder ?? (await drive.home());
  const tree = new Map<string, Facts>();
  for (const row of await rowsOf(drive, at)) {
    const handle = await drive.open(at, row);
    const path = `${prefix}${row.name}`;
    const { isHidden, modified } = handle.properties;
    const content = handle.isDirectory
      ? null
      : Buffer.from(await bytesOf(drive, handle)).toString();
    tree.set(path, { content, isHidden, modified: Number(modified.seconds) });
    if (!handle.isDirectory) continue;
    for (const [below, facts] of await factsOf(drive, handle, `${path}/`)) tree.set(below, facts);
  }
  return tree;
}
