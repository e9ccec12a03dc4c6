/**
 * All pointers of an account as they stand together: of the identity, and of every writer that it
 * owns, directly or through others (A-6 §6).
 */
import type { Cid } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { openPointer } from '#lib/protocol/index.ts';
import { ownedBy, Snapshot } from '#lib/writers/index.ts';
import type { SpaceDeps } from '#lib/writers/index.ts';
import { AccountChanging } from './errors.ts';

const ATTEMPTS = 5;

export interface VerifiedPointer {
  readonly writer: KeyHash;
  readonly signed: Uint8Array;
  /** Absent: the writing space was deleted. */
  readonly target: Cid | undefined;
}

/** Throws {@link AccountChanging} if the account is never still for long enough. */
export async function readPointers(
  deps: SpaceDeps,
  owner: KeyHash,
  signal?: AbortSignal,
): Promise<readonly VerifiedPointer[]> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const pointers = await readOnce(deps, owner, signal);
    if (pointers !== undefined) return pointers;
  }
  throw new AccountChanging();
}

/** Whether nothing changed from one reading to the other. */
export function isSameState(a: readonly VerifiedPointer[], b: readonly VerifiedPointer[]): boolean {
  const texts = (all: readonly VerifiedPointer[]) =>
    all.map(({ writer, target }) => `${writer.toString()} ${target?.toString() ?? ''}`).sort();
  return texts(a).join() === texts(b).join();
}

/** Undefined: a pointer moved between two looks. */
async function readOnce(
  deps: SpaceDeps,
  owner: KeyHash,
  signal: AbortSignal | undefined,
): Promise<readonly VerifiedPointer[] | undefined> {
  const snapshot = new Snapshot(deps, owner);
  const pointers: VerifiedPointer[] = [];
  for (const writer of await allWriters(snapshot, signal)) {
    const { target } = await snapshot.state(writer, signal);
    const signed = await deps.node.pointers.get(owner, writer);
    if (signed === undefined) continue; // listed, but nothing was ever written
    const { updated } = await openPointer(writer, signed);
    if ((updated?.toString() ?? '') !== (target?.toString() ?? '')) return undefined;
    pointers.push({ writer, signed, target });
  }
  return pointers;
}

async function allWriters(
  snapshot: Snapshot,
  signal: AbortSignal | undefined,
): Promise<readonly KeyHash[]> {
  const writers = new Map([[snapshot.owner.toString(), snapshot.owner]]);
  for (const parent of writers.values()) {
    signal?.throwIfAborted();
    // A map takes additions while it is walked: children are visited, too.
    for await (const child of ownedBy(snapshot, parent)) writers.set(child.toString(), child);
  }
  return [...writers.values()];
}
