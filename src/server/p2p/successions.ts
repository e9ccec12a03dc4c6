/**
 * Who took over from nodes that gave up their id (B-2 §7). The newest record of each node that was
 * looked for is kept, so that none older is believed after it, and a node that has moved is not looked
 * for again: what it signed is final. Records: table `successions`, key peer id, value `{"d": data,
 * "s": signature}`.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { asBytes, asMap, cborMap, decodeBlock, encodeCbor, field } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import {
  followSuccession,
  knownSuccessor,
  openNodeRecord,
  requireNotOutdated,
  successorIn,
} from '#lib/protocol/index.ts';
import type { NodeRecord, SignedIpnsRecord } from '#lib/protocol/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import { failureFields } from '../observe/log.ts';
import type { Log } from '../observe/log.ts';
import type { RecordSource } from './record-sources.ts';

const TABLE = 'successions';
const WHAT = 'The record of a node';
const ASKED_WITHIN_MS = 10_000;

export interface SuccessionsDeps {
  readonly records: RecordStore;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly log: Log;
  /**
   * Where the record of the last node of a line may be had: each took over from the one before, so
   * a node that answers where one of them was may know.
   */
  readonly sourcesOf: (line: readonly [Cid, ...Cid[]]) => Promise<readonly RecordSource[]>;
}

/** The newest record that is kept of a node, opened, as it was signed, and as it is kept. */
interface Seen {
  readonly seen: NodeRecord | undefined;
  readonly signed: SignedIpnsRecord | undefined;
  readonly bytes: Uint8Array | undefined;
}

export class Successions {
  readonly #deps: SuccessionsDeps;

  constructor(deps: SuccessionsDeps) {
    this.#deps = deps;
  }

  /**
   * The node that is in charge now. `undefined`: nobody took over, as far as is known. Records that
   * are not believed are named in the log, and count as none.
   */
  async successorOf(nodeId: Cid): Promise<Cid | undefined> {
    const line: Cid[] = [];
    return this.#last(nodeId, async (id) => {
      line.push(id);
      return (await this.#moved(id)) ?? this.#look([nodeId, ...line.slice(1)]);
    });
  }

  /** The same without asking anybody. */
  knownSuccessorOf(nodeId: Cid): Promise<Cid | undefined> {
    return this.#last(nodeId, (id) => this.#moved(id));
  }

  /** The newest record of a node that was seen, after it was looked for; for who asks through here. */
  async recordOf(nodeId: Cid): Promise<SignedIpnsRecord | undefined> {
    await this.successorOf(nodeId);
    return (await this.#seen(nodeId)).signed;
  }

  async #last(
    nodeId: Cid,
    recordOf: (id: Cid) => Promise<NodeRecord | undefined>,
  ): Promise<Cid | undefined> {
    const start = knownSuccessor(nodeId) ?? nodeId;
    try {
      const last = (await followSuccession(start, recordOf)).at(-1);
      return last?.toPeerId() === nodeId.toPeerId() ? undefined : last;
    } catch (error) {
      this.#refused(error);
      return undefined;
    }
  }

  async #look(line: readonly [Cid, ...Cid[]]): Promise<NodeRecord | undefined> {
    const sources = await this.#deps.sourcesOf(line);
    const signal = AbortSignal.timeout(ASKED_WITHIN_MS);
    const nodeId = line.at(-1) ?? line[0];
    try {
      return await Promise.any(sources.map((source) => this.#movedBy(nodeId, source, signal)));
    } catch {
      return undefined;
    }
  }

  /** Rejects unless the source names who took over. */
  async #movedBy(nodeId: Cid, source: RecordSource, signal: AbortSignal): Promise<NodeRecord> {
    try {
      const signed = await source(signal);
      const record = signed && (await this.#take(nodeId, signed));
      if (record !== undefined && successorIn(record) !== undefined) return record;
    } catch (error) {
      this.#refused(error);
      throw error;
    }
    throw new RangeError('Nobody took over.');
  }

  /** Believes a record, and keeps it where it is newer than what is kept. */
  async #take(nodeId: Cid, signed: SignedIpnsRecord): Promise<NodeRecord> {
    const { records, clock } = this.#deps;
    const record = await openNodeRecord(nodeId, signed, clock());
    const key = nodeId.toPeerId();
    const value = encodeCbor(
      cborMap([
        ['d', signed.data],
        ['s', signed.signature],
      ]),
    );
    for (let isKept = false; !isKept;) {
      const { seen, bytes } = await this.#seen(nodeId);
      if (seen !== undefined) requireNotOutdated(seen, record);
      if (seen !== undefined && record.sequence === seen.sequence) break;
      isKept = await records.apply({
        expect: [{ table: TABLE, key, value: bytes }],
        writes: [{ table: TABLE, key, value }],
        durability: 'relaxed',
      });
    }
    return record;
  }

  async #moved(nodeId: Cid): Promise<NodeRecord | undefined> {
    const { seen } = await this.#seen(nodeId);
    return seen !== undefined && successorIn(seen) !== undefined ? seen : undefined;
  }

  async #seen(nodeId: Cid): Promise<Seen> {
    const bytes = await this.#deps.records.get(TABLE, nodeId.toPeerId());
    if (bytes === undefined) return { seen: undefined, signed: undefined, bytes };
    const map = asMap(decodeBlock(bytes), WHAT);
    const data = asBytes(field(map, 'd', WHAT), WHAT);
    const signature = asBytes(field(map, 's', WHAT), WHAT);
    const signed = { data, signature };
    // It counted when it was seen; what a node signed is not unsigned by time.
    return { seen: await openNodeRecord(nodeId, signed, 0), signed, bytes };
  }

  #refused(error: unknown): void {
    if (!(error instanceof PyrgosError)) return;
    this.#deps.log.info('record of a node refused', failureFields(error));
  }
}
