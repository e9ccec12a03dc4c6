/**
 * Which writers belong to an owner (A-6 §6): those reachable from it through owned-key trees and
 * named keys, each step shown by a proof that names the writer listing it. A capability from
 * someone else counts only after its writer passed this.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { champPairs } from '#lib/champ/index.ts';
import { asLink, decodeBlock } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { verifyOwnerProof } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { NotOwned } from './errors.ts';
import type { Snapshot } from './snapshot.ts';

/** The writers that a writer lists with a valid proof. Entries without one are passed over. */
export async function* ownedBy(snapshot: Snapshot, parent: KeyHash): AsyncGenerator<KeyHash> {
  const { data } = await snapshot.state(parent);
  if (data === undefined) return;
  for (const proof of data.named?.values() ?? []) {
    const child = await provenChild(proof, parent);
    if (child !== undefined) yield child;
  }
  for await (const { value } of champPairs((cid) => snapshot.block(cid), data.owned)) {
    if (value === null) continue;
    const proof = await snapshot.block(asLink(value, 'An owned key'));
    const child = await provenChild(decodeBlock(proof), parent);
    if (child !== undefined) yield child;
  }
}

/** Resolves if the writer is the snapshot's owner or owned by it. Throws {@link NotOwned}. */
export async function verifyOwned(snapshot: Snapshot, writer: KeyHash): Promise<void> {
  const seen = new Set<string>([snapshot.owner.toString()]);
  const open = [snapshot.owner];
  for (let parent = open.shift(); parent !== undefined; parent = open.shift()) {
    if (parent.equals(writer)) return;
    for await (const child of ownedBy(snapshot, parent)) {
      if (child.equals(writer)) return;
      if (!seen.has(child.toString())) open.push(child);
      seen.add(child.toString());
    }
  }
  throw new NotOwned('What this leads to does not belong to the person it names.');
}

async function provenChild(proof: CborValue, parent: KeyHash): Promise<KeyHash | undefined> {
  try {
    return await verifyOwnerProof(proof, parent);
  } catch (error) {
    if (error instanceof PyrgosError) return undefined;
    throw error;
  }
}
