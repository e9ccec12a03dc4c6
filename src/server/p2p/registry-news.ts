/**
 * What nodes tell each other of the registry of names beside their calls: which state each has. A
 * registry that shows different states to different nodes is found out by it, and a new name is
 * known sooner. What a peer tells proves nothing; it only makes this node look.
 */
import { setTimeout } from 'node:timers/promises';
import type { Cid } from '#lib/codec/index.ts';
import { LruMap } from '#lib/collections/index.ts';
import { REGISTRY_STATE_HEADER } from '#lib/name-registry/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { failureFields } from '../observe/log.ts';
import type { Log } from '../observe/log.ts';
import type { AskPeer } from './peer-request.ts';

/** How long a state is told before it is read again. */
const TOLD_FOR_MS = 1_000;
/** A peer makes this node look at most this often; what it told last is looked at then. */
const HEARD_EVERY_MS = 2_000;
const MAX_PEERS = 1_000;
const HEADER = REGISTRY_STATE_HEADER.toLowerCase();

/** The registry, as far as other nodes are told of it. */
export interface RegistryStates {
  /** What goes along with answers. */
  told(): Promise<string | undefined>;
  /** Looks into what another node told. */
  hear(header: string, from: StorageNode): Promise<void>;
}

interface Heard {
  /** What the peer told last. */
  header: string;
  lookedMs: number;
  isWaiting?: boolean;
}

export interface RegistryNewsDeps {
  /** Undefined where this node keeps no registry, or not yet. */
  readonly states: () => RegistryStates | undefined;
  readonly nodeOf: (nodeId: Cid) => Promise<StorageNode | undefined>;
  readonly clock: () => number;
  readonly log: Log;
}

export class RegistryNews {
  readonly #deps: RegistryNewsDeps;
  /** By bare multihash of the peer. */
  readonly #heard = new LruMap<string, Heard>(MAX_PEERS);
  #told: Promise<string | undefined> = Promise.resolve(undefined);
  #toldMs = -Infinity;

  constructor(deps: RegistryNewsDeps) {
    this.#deps = deps;
  }

  /** The header for an answer to a peer; undefined where there is nothing to tell. */
  async header(): Promise<string | undefined> {
    const nowMs = this.#deps.clock();
    if (nowMs - this.#toldMs >= TOLD_FOR_MS) {
      this.#toldMs = nowMs;
      this.#told = this.#deps.states()?.told() ?? Promise.resolve(undefined);
    }
    // A call does not fail because of what goes along with it.
    return this.#told.catch(() => undefined);
  }

  /** The same way to ask, which listens to what comes back. */
  listening(ask: AskPeer): AskPeer {
    return async (nodeId, request) => {
      const answer = await ask(nodeId, request);
      const header = answer.headers[HEADER];
      if (typeof header === 'string') void this.#hear(nodeId, header);
      return answer;
    };
  }

  async #hear(nodeId: Cid, header: string): Promise<void> {
    const { states, nodeOf, clock, log } = this.#deps;
    const heard = this.#heard.get(nodeId.toPeerId()) ?? { header: '', lookedMs: -Infinity };
    this.#heard.set(nodeId.toPeerId(), heard);
    if (heard.header === header) return;
    const isWaiting = heard.isWaiting === true;
    Object.assign(heard, { header, isWaiting: true });
    if (isWaiting) return;
    const restMs = heard.lookedMs + HEARD_EVERY_MS - clock();
    if (restMs > 0) await setTimeout(restMs, undefined, { ref: false });
    Object.assign(heard, { lookedMs: clock(), isWaiting: false });
    try {
      const from = await nodeOf(nodeId);
      if (from !== undefined) await states()?.hear(heard.header, from);
    } catch (error) {
      log.error('a state of the registry could not be looked into', failureFields(error));
    }
  }
}
