/**
 * The nodes an account may live on: the one embedded in this browser, and servers by their address.
 * Each comes with what belongs to it alone: how far its pointers were seen, where the service
 * worker finds the same blocks, whether it can be reached.
 */
import { PyrgosError, parseUrl } from '#lib/bytes/index.ts';
import { canonicalOrigin, isLoopbackHost } from '#lib/node-http/index.ts';
import type { CopySeen } from '#lib/node-http/index.ts';
import type { LocalNode, LocalNodeDeps } from '#lib/node-local/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import type { NodeSource } from '#lib/tickets/index.ts';
import type { PointerMemory } from '#lib/writers/index.ts';
import { formatMultiaddr, looksLikeMultiaddr, parseMultiaddr } from '#lib/webrtc/index.ts';
import type { PendingQueue } from './pending-changes.ts';

/** An open node. */
export interface AccountNode {
  /** Origin of the server, or multiaddr of the node; absent for the node of this browser. */
  readonly server?: string;
  readonly node: StorageNode;
  /** The same node without its cache, where there is one: for reads that must be fresh. */
  readonly direct?: StorageNode;
  /** Its `node` is this `node`; it keeps pending changes while the server cannot be reached. */
  readonly queue?: PendingQueue;
  readonly pointerMemory: PointerMemory;
  /** Where the service worker reads the same blocks. */
  readonly source: NodeSource;
  /** What the embedded node is made of; absent for servers. */
  readonly embedded?: LocalNodeDeps;
  /** Removes unused blocks of the embedded node; a server decides that itself. */
  readonly collect?: LocalNode['collect'];
  /** Removes what this browser keeps of a server. */
  readonly forget?: () => Promise<void>;
  /**
   * Connects to a node that is named by multiaddr, which takes longer than a request may take.
   * Rejects with what is wrong: `PeerUnreachable`, `WrongPeer`, `NoWebRtc`.
   */
  readonly reach?: () => Promise<void>;
  /** Whether the node could be reached when it was last asked. */
  readonly isOnline: () => boolean;
  /** Set while it answers from a copy of the account, whose home is away. */
  readonly copy?: () => CopySeen | undefined;
}

/** A node that is asked, and of which nothing is kept. */
export interface AskedNode extends Pick<AccountNode, 'reach'> {
  readonly node: StorageNode;
}

export interface NodeDirectory {
  /** A node by its origin or multiaddr. Does nothing before the first question. */
  ask(server: string): AskedNode;
  /** Opens a node, once; `onConnection` is called when it stops and starts to answer. */
  open(
    server: string | undefined,
    onConnection: (server: string, isOnline: boolean) => void,
    onCopy?: (server: string, copy: CopySeen | undefined) => void,
  ): Promise<AccountNode>;
}

/** The typed text is not the address of a server. */
export class BadServerAddress extends PyrgosError {
  override readonly name = 'BadServerAddress';
  override readonly kind = 'invalid';
  constructor() {
    super('This is not the address of a server. It looks like https://drive.example.org.');
  }
}

/**
 * The node a person means, by the canonical text of its multiaddr, or the origin of a server: `drive.example.org` is taken for `https://drive.example.org`. Plain
 * http is for this machine only. Throws {@link BadServerAddress}, `BadMultiaddr`.
 */
export function serverOrigin(typed: string): string {
  const text = typed.trim();
  if (looksLikeMultiaddr(text)) return formatMultiaddr(parseMultiaddr(text));
  const address = /^[a-z]+:\/\//iu.test(text) ? text : `https://${text}`;
  const url = parseUrl(address);
  const isLoopback = url !== undefined && isLoopbackHost(url.hostname);
  const isAllowed = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback);
  const origin = url === undefined ? undefined : canonicalOrigin(url.origin);
  if (origin === undefined || !isAllowed || url?.username !== '') throw new BadServerAddress();
  return origin;
}

/** The origin of a server that an address of a link names, `host[:port]`. */
export function originOfHost(host: string): string {
  const isLoopback = isLoopbackHost(host.replace(/:\d+$/u, ''));
  return serverOrigin(`${isLoopback ? 'http' : 'https'}://${host}`);
}
