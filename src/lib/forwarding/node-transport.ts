/** How other nodes are asked. */
import type { Cid } from '#lib/codec/index.ts';
import type { StorageNode } from '#lib/node/index.ts';

/** The ways to other nodes. */
export interface NodeTransport {
  /** `undefined`: there is no way to it at all. What it answers is hostile. */
  nodeOf(nodeId: Cid): Promise<StorageNode | undefined>;
  /** The node that is in charge in its place now, by records that each signed itself (B-2 §7). */
  successorOf?(nodeId: Cid): Promise<Cid | undefined>;
  /** The same as far as it is known, without asking anybody. */
  knownSuccessorOf?(nodeId: Cid): Promise<Cid | undefined>;
}
