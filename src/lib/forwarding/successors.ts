/**
 * Nodes that gave up their id for another one (B-2 §7). What a node signed about itself is final, so
 * it is remembered.
 */
import type { Cid } from '#lib/codec/index.ts';
import { LruMap } from '#lib/collections/index.ts';
import type { NodeTransport } from './node-transport.ts';

const MAX_REMEMBERED = 1_000;
/** A node that is away and has no successor is asked for one no more than once in this time. */
const ASK_AGAIN_MS = 60_000;
/** A node that was succeeded more often than this leads in a circle. */
const MAX_STEPS = 8;

export class Successors {
  readonly #transport: NodeTransport;
  readonly #clock: () => number;
  readonly #known = new LruMap<string, Cid>(MAX_REMEMBERED);
  /** Requests for the successor of one node share one search. */
  readonly #underWay = new Map<string, Promise<Cid | undefined>>();
  /** Nodes of which was asked what is known from before. */
  readonly #recalled = new LruMap<string, true>(MAX_REMEMBERED);
  /** When nodes were asked that named none. */
  readonly #asked = new LruMap<string, number>(MAX_REMEMBERED);

  constructor(transport: NodeTransport, clock: () => number) {
    this.#transport = transport;
    this.#clock = clock;
  }

  /** Who has the place of a node now, as far as is known, here or from before this process began. */
  async latest(nodeId: Cid): Promise<Cid> {
    await this.#recall(nodeId);
    let latest = nodeId;
    for (let step = 0; step < MAX_STEPS; step++) {
      const next = this.#known.get(latest.toPeerId());
      if (next === undefined) break;
      latest = next;
    }
    return latest;
  }

  async #recall(nodeId: Cid): Promise<void> {
    const id = nodeId.toPeerId();
    if (this.#recalled.get(id) === true) return;
    this.#recalled.set(id, true);
    const known = await this.#transport.knownSuccessorOf?.(nodeId);
    if (known !== undefined && known.toPeerId() !== id) this.#known.set(id, known);
  }

  /** Asks for the successor of a node that did not answer, or answers for somebody no more. */
  find(nodeId: Cid): Promise<Cid | undefined> {
    const id = nodeId.toPeerId();
    const underWay = this.#underWay.get(id) ?? this.#find(nodeId, id);
    this.#underWay.set(id, underWay);
    return underWay.finally(() => this.#underWay.delete(id));
  }

  async #find(nodeId: Cid, id: string): Promise<Cid | undefined> {
    const askedMs = this.#asked.get(id) ?? -Infinity;
    if (this.#clock() - askedMs < ASK_AGAIN_MS) return undefined;
    const successor = await this.#transport.successorOf?.(nodeId).catch(() => undefined);
    if (successor === undefined || successor.toPeerId() === id) {
      this.#asked.set(id, this.#clock());
      return undefined;
    }
    this.#known.set(id, successor);
    return successor;
  }
}
