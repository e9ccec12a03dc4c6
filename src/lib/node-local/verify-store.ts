/**
 * Looking for damage: whether every block that the pointers of a node lead to is there and is what
 * its name says. Reads everything once; changes nothing.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { Cid } from '#lib/codec/index.ts';
import { asKeyHash } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { reachableBlocks } from '#lib/node/index.ts';
import { pointerStateOf } from '#lib/protocol/index.ts';
import { loadVerified } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { Registry } from './writer-registry.ts';
import { listRecords, TABLE } from './records.ts';

export interface Damage {
  readonly owner: KeyHash;
  /** The block that is missing or has other bytes; absent when a pointer cannot be read. */
  readonly cid: Cid | undefined;
}

/** Everything that is missing or damaged, of all accounts. */
export async function findDamage(deps: LocalNodeDeps, signal?: AbortSignal): Promise<Damage[]> {
  const damages: Damage[] = [];
  for (const [owner, writers] of await writersByOwner(deps)) {
    const roots: Cid[] = [];
    for (const writer of writers) {
      try {
        const { target } = pointerStateOf(await deps.records.get(TABLE.pointers, writer));
        if (target !== undefined) roots.push(target);
      } catch (error) {
        if (!(error instanceof PyrgosError)) throw error;
        damages.push({ owner: keyOf(owner), cid: undefined });
      }
    }
    const load = async (cid: Cid): Promise<Uint8Array | undefined> => {
      const bytes = await loadVerified(deps, keyOf(owner), cid, signal).catch((error: unknown) => {
        if (!(error instanceof PyrgosError)) throw error;
        return undefined;
      });
      if (bytes === undefined) damages.push({ owner: keyOf(owner), cid });
      return bytes;
    };
    for await (const _ of reachableBlocks(roots, load, signal)) signal?.throwIfAborted();
  }
  return damages;
}

/** Writers as text. One that was removed is passed over: its data may be removed at any time. */
async function writersByOwner(deps: LocalNodeDeps): Promise<Map<string, string[]>> {
  const registry = new Registry(deps.records);
  const writers = new Map<string, string[]>();
  for (const { key } of await listRecords(deps.records, TABLE.writersOf)) {
    const [owner = '', writer = ''] = key.split('/', 2);
    if ((await registry.removedSince(keyOf(owner), keyOf(writer))) !== undefined) continue;
    writers.set(owner, [...(writers.get(owner) ?? []), writer]);
  }
  return writers;
}

function keyOf(text: string): KeyHash {
  return asKeyHash(Cid.parse(text), 'A key of a record');
}
