/** The node an address names: a server's, or one on this disk. */
import { resolve } from 'node:path';
import { createHttpNode, createLocalNode } from '#lib/node/index.ts';
import type { LocalNodeDeps, StorageNode } from '#lib/node/index.ts';
import { systemRandom } from '#lib/crypto/index.ts';
import { Misused } from './errors.ts';
import { createSend } from './send.ts';

export interface OpenNode {
  readonly node: StorageNode;
  /** What a node on this disk is made of; absent for a server's. */
  readonly local?: LocalNodeDeps;
  close(): Promise<void>;
}

/** `https://…`, `http://…` or `dir:PATH`. Throws `Misused`. */
export async function openNode(address: string, folder: string): Promise<OpenNode> {
  if (address.startsWith('dir:')) return openFolder(resolve(folder, address.slice(4)));
  const url = URL.parse(address);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new Misused('A node is named by https://…, http://… or dir:PATH.');
  }
  const send = await createSend(url);
  return { node: createHttpNode(url.origin, { send }), close: async () => undefined };
}

async function openFolder(path: string): Promise<OpenNode> {
  // Most commands talk to a server, and need nothing of what makes one.
  const { openNodeStores } = await import('../server/index.ts');
  const stores = await openNodeStores(path);
  const local = { ...stores, clock: () => Date.now(), random: systemRandom };
  return { node: createLocalNode(local), local, close: () => stores.close() };
}
