/**
 * Which writers an owner has: the accepted consequence of verified ownership proofs (A-6 §6, A-10
 * §5). A writer is registered together with the pointer that lists it, so its next request passes.
 *
 * One `Registry` is one view: what it read becomes expectations of the write it leads to, what it
 * was told becomes writes. A removed writer stays for a day, without its rights, so that a move
 * between two states never exposes its data to a collection.
 */
import { PyrgosError, toHex } from '#lib/bytes/index.ts';
import { storedPairs } from '#lib/champ/index.ts';
import type { LoadStored } from '#lib/champ/index.ts';
import { asLink, asMap, Cid, decodeCbor, encodeCbor, optional } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { asKeyHash, verifyOwnerProof } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { MalformedRequest, PointerRefused, UnknownWriter } from '#lib/protocol/index.ts';
import type { RecordEntry, RecordStore } from '#lib/stores/index.ts';
import { keyLookup } from './public-keys.ts';
import { readWriter, TABLE, writerRecordToBytes } from './records.ts';
import type { Read, WriterRecord } from './records.ts';
import type { OwnershipState } from './ownership-state.ts';

/** Longest chain of ownership that is followed. */
const MAX_OWNERSHIP_DEPTH = 64;

export class Registry {
  readonly #records: RecordStore;
  #newWritersLeft: number;
  readonly #read = new Map<string, Read<WriterRecord>>();
  readonly #changed = new Map<string, { writer: KeyHash; record: WriterRecord | undefined }>();

  /** No more than `newWriters` are taken over. */
  constructor(records: RecordStore, newWriters = Infinity) {
    this.#records = records;
    this.#newWritersLeft = newWriters;
  }

  async get(writer: KeyHash): Promise<WriterRecord | undefined> {
    const key = writer.toString();
    const changed = this.#changed.get(key);
    if (changed !== undefined) return changed.record;
    let read = this.#read.get(key);
    if (read === undefined) {
      read = await readWriter(this.#records, writer);
      this.#read.set(key, read);
    }
    return read.value;
  }

  set(writer: KeyHash, record: WriterRecord | undefined): void {
    this.#changed.set(writer.toString(), { writer, record });
  }

  /** Passes if `writer` is reachable from `owner` through states that list it now. */
  async requireLive(owner: KeyHash, writer: KeyHash): Promise<void> {
    if (await this.isLive(owner, writer)) return;
    throw new UnknownWriter('This key may not write here.');
  }

  /** Passes if `writer` has a place, or lost one: a cheap look before anything is verified. */
  async requireKnown(owner: KeyHash, writer: KeyHash): Promise<void> {
    if ((await this.lossOf(owner, writer)) !== 'never') return;
    throw new UnknownWriter('This key may not write here.');
  }

  async isLive(owner: KeyHash, writer: KeyHash): Promise<boolean> {
    return (await this.removedSince(owner, writer)) === undefined;
  }

  /**
   * When `writer` or a writer above it was removed; `undefined` if it is owned now, and 0 if it
   * was never owned by `owner` or its chain has been forgotten.
   */
  async removedSince(owner: KeyHash, writer: KeyHash): Promise<number | undefined> {
    let current = writer;
    for (let depth = 0; depth < MAX_OWNERSHIP_DEPTH; depth++) {
      const record = await this.get(current);
      if (record === undefined || !record.owner.equals(owner)) return 0;
      if (record.removedMs !== undefined) return record.removedMs;
      if (record.parent === undefined) return undefined;
      current = record.parent;
    }
    return 0;
  }

  /**
   * How `writer` lost its place; `undefined` if it has one, `'never'` if it had none that is known.
   */
  async lossOf(owner: KeyHash, writer: KeyHash): Promise<Loss | 'never' | undefined> {
    let loss: Loss | undefined;
    let current = writer;
    for (let depth = 0; depth < MAX_OWNERSHIP_DEPTH; depth++) {
      const record = await this.get(current);
      if (record === undefined || !record.owner.equals(owner)) return 'never';
      if (record.removedMs !== undefined) {
        const change = record.removedAtChange ?? 0;
        const sinceChange = Math.min(change, loss?.sinceChange ?? change);
        loss = { top: current, record, sinceMs: record.removedMs, sinceChange };
      }
      if (record.parent === undefined) return loss;
      current = record.parent;
    }
    return 'never';
  }

  /** Takes over what changed between two states of `parent`. */
  async follow(change: OwnershipChange, { nowMs, nextChange }: Moment): Promise<void> {
    const { owner, parent, before, after, load } = change;
    const isLive = await this.isLive(owner, parent);
    const listedBefore = await listOwned(before, load).catch(ignoreDamaged);
    const listedAfter = await listOwned(after, load).catch(refuseDamaged);
    for (const [key, child] of listedBefore) {
      if (!listedAfter.has(key)) await this.#remove(parent, child.child, { nowMs, nextChange });
    }
    for (const [key, child] of listedAfter) {
      if (listedBefore.get(key)?.proofName !== child.proofName) {
        if (--this.#newWritersLeft < 0) {
          throw new MalformedRequest('Too many writers come at once.');
        }
        // A removed writer cannot take over a writer that another one lists.
        const isFree = isLive || (await this.get(child.child)) === undefined;
        if (isFree) await this.#adopt(owner, parent, child, load);
      }
    }
  }

  async #remove(parent: KeyHash, child: KeyHash, { nowMs, nextChange }: Moment): Promise<void> {
    const record = await this.get(child);
    if (record?.parent?.equals(parent) !== true) return;
    this.set(child, { ...record, removedMs: nowMs, removedAtChange: nextChange, lateBytes: 0 });
  }

  /** A listed key without a valid proof, or owned by somebody else, is not taken over. */
  async #adopt(
    owner: KeyHash,
    parent: KeyHash,
    listed: ListedChild,
    load: LoadStored,
  ): Promise<void> {
    const record = await this.get(listed.child);
    if (record !== undefined && !record.owner.equals(owner)) return;
    if (listed.child.equals(owner) || !(await isProven(listed, parent, load))) return;
    this.set(listed.child, { owner, parent, removedMs: undefined });
  }

  /** The writers that this view took over as listed by `parent`. */
  adoptedBy(parent: KeyHash): KeyHash[] {
    return [...this.#changed.values()].flatMap(({ writer, record }) =>
      record?.parent?.equals(parent) === true ? [writer] : [],
    );
  }

  /** The writers whose records this view changes. */
  changed(): KeyHash[] {
    return [...this.#changed.values()].map(({ writer }) => writer);
  }

  expectations(): RecordEntry[] {
    return [...this.#read.values()].map((read) => read.entry);
  }

  writes(): RecordEntry[] {
    return [...this.#changed].flatMap(([key, { record }]) => {
      const owner = record?.owner ?? this.#read.get(key)?.value?.owner;
      const value = record === undefined ? undefined : writerRecordToBytes(record);
      const write = { table: TABLE.writers, key, value };
      if (owner === undefined) return [write];
      const listing = record === undefined ? undefined : new Uint8Array();
      return [write, { table: TABLE.writersOf, key: `${owner.toString()}/${key}`, value: listing }];
    });
  }
}

/** The topmost writer in a chain of ownership that is not listed any more. */
export interface Loss {
  readonly top: KeyHash;
  readonly record: WriterRecord;
  readonly sinceMs: number;
  /** The owner's change counter when the chain was first cut. */
  readonly sinceChange: number;
}

/** When a change takes place: the time, and what the owner's change counter will be. */
export interface Moment {
  readonly nowMs: number;
  readonly nextChange: number;
}

export interface OwnershipChange {
  readonly owner: KeyHash;
  readonly parent: KeyHash;
  readonly before: OwnershipState | undefined;
  readonly after: OwnershipState | undefined;
  readonly load: LoadStored;
}

/** Whether two states list the same keys with the same proofs, seen without reading a block. */
export function listsTheSame(
  before: OwnershipState | undefined,
  after: OwnershipState | undefined,
): boolean {
  return (
    (before?.owned?.toString() ?? '') === (after?.owned?.toString() ?? '') &&
    toHex(encodeCbor(before?.named ?? new Map())) === toHex(encodeCbor(after?.named ?? new Map()))
  );
}

interface ListedChild {
  readonly child: KeyHash;
  readonly proof: CborValue;
  /** Differs when the proof does. */
  readonly proofName: string;
}

/** The keys a state lists, proofs not yet verified. */
async function listOwned(
  state: OwnershipState | undefined,
  load: LoadStored,
): Promise<Map<string, ListedChild>> {
  const listed = new Map<string, ListedChild>();
  if (state?.owned !== undefined) {
    for await (const { key, value: proof } of storedPairs(load, state.owned)) {
      const child = asKeyHash(decodeCbor(key.slice().reverse()), 'An owned key');
      const proofName = asLink(proof, 'The proof of an owned key').toString();
      listed.set(child.toString(), { child, proof, proofName });
    }
  }
  for (const proof of state?.named.values() ?? []) {
    const child = asKeyHash(optional(asMap(proof, 'An owner proof'), 'o'), 'A named key');
    listed.set(child.toString(), { child, proof, proofName: toHex(encodeCbor(proof)) });
  }
  return listed;
}

/** What an old state listed cannot be read any more: nothing is known to have been removed. */
function ignoreDamaged(error: unknown): Map<string, ListedChild> {
  if (!(error instanceof PyrgosError)) throw error;
  return new Map();
}

function refuseDamaged(error: unknown): never {
  if (!(error instanceof PyrgosError)) throw error;
  throw new PointerRefused('target', 'The owned keys of the new state cannot be read.', {
    cause: error,
  });
}

/** The child itself signed that this parent owns it (A-2 §2). */
async function isProven(listed: ListedChild, parent: KeyHash, load: LoadStored): Promise<boolean> {
  try {
    const block = listed.proof instanceof Cid ? await load(listed.proof) : undefined;
    if (listed.proof instanceof Cid && block === undefined) return false;
    const proof = block === undefined ? listed.proof : decodeCbor(block);
    return (await verifyOwnerProof(proof, parent, keyLookup(load))).equals(listed.child);
  } catch (error) {
    if (error instanceof PyrgosError) return false; // malformed, damaged or wrongly signed
    throw error;
  }
}
