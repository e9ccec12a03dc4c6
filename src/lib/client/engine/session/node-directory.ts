/**
 * The nodes an account may live on: the one embedded in this browser, and servers by their address.
 * Each comes with what belongs to it alone: how far its pointers were seen, where the service
 * worker finds the same blocks, whether it can be reached.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { canonicalOrigin, isLoopbackHost } from '#lib/node-http/index.ts';
import type { LocalNode, LocalNodeDeps } from '#lib/node-local/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import type { NodeSource } from '#lib/tickets/index.ts';
import type { PointerMemory } from '#lib/writers/index.ts';
import type { Queue } from './pending-changes.ts';

/** A node that is in use. */
export interface NodePlace {
  /** Origin of the server; absent for the node of this browser. */
  readonly server?: string;
  readonly node: StorageNode;
  /** The same without a cache, where there is one: for what must not be believed from memory. */
  readonly direct?: StorageNode;
  /** `node` is its node: changes wait there while a server is away. */
  readonly queue?: Queue;
  readonly pointerMemory: PointerMemory;
  /** Where the service worker reads the same blocks. */
  readonly source: NodeSource;
  /** What the embedded node is made of; absent for servers. */
  readonly embedded?: LocalNodeDeps;
  /** The embedded node frees its room itself; a server does that in its own time. */
  readonly collect?: LocalNode['collect'];
  /** Removes what this browser keeps of a server. */
  readonly forget?: () => Promise<void>;
  /** Whether the node could be reached when it was last asked. */
  readonly isOnline: () => boolean;
}

export interface NodePlaces {
  /** Opens a node, once; `onConnection` hears when it goes and comes back. */
  open(
    server: string | undefined,
    onConnection: (server: string, isOnline: boolean) => void,
  ): Promise<NodePlace>;
}

/** What was typed is no address of a server. */
export class BadServerAddress extends PyrgosError {
  override readonly name = 'BadServerAddress';
  override readonly kind = 'invalid';
  constructor() {
    super('This is not the address of a server. It looks like https://drive.example.org.');
  }
}

/**
 * The origin a person means: `drive.example.org` is taken for `https://drive.example.org`. Plain
 * http is for this machine only. Throws {@link BadServerAddress}.
 */
export function serverOrigin(typed: string): string {
  const text = typed.trim();
  const address = /^[a-z]+:\/\//iu.test(text) ? text : `https://${text}`;
  // `URL.parse` is younger than the oldest browsers we name.
  const url = URL.canParse(address) ? new URL(address) : null;
  const isLoopback = url !== null && isLoopbackHost(url.hostname);
  const isAllowed = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback);
  const origin = url === null ? undefined : canonicalOrigin(url.origin);
  if (origin === undefined || !isAllowed || url?.username !== '') throw new BadServerAddress();
  return origin;
}
