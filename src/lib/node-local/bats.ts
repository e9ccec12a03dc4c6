/** Mirror BATs of the local node's users (A-4 §2, B-1 §2.6). */
import { asList, decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import { BatWithId } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { NodeBats } from '#lib/node/index.ts';
import {
  BATS_ADD_PATH,
  BATS_LIST_PATH,
  checkSignedRequest,
  MalformedRequest,
} from '#lib/protocol/index.ts';
import { compareAndSet } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { partitionOf } from './owner-partition.ts';
import { publicKeyOf } from './public-keys.ts';
import { useSignedRequest } from './signed-times.ts';
import { read, replace, TABLE } from './records.ts';
import { requireCurrentUser } from './users.ts';

/** A client makes one in its life; the cap keeps a broken one from filling the record. */
const MAX_BATS = 100;

export function createLocalBats(deps: LocalNodeDeps): NodeBats {
  return {
    list: async (owner, auth) => {
      await requireCurrentUser(deps, owner);
      await checkSignedRequest(await publicKeyOf(deps, owner), auth, BATS_LIST_PATH, deps.clock());
      const partition = await partitionOf(deps, owner);
      const stored = await deps.records.get(TABLE.bats, partition.toString());
      return stored === undefined ? [] : batsFromBytes(stored);
    },
    add: async (owner, bat, auth) => {
      await requireCurrentUser(deps, owner);
      await useSignedRequest(deps, owner, auth, BATS_ADD_PATH);
      checkMirrorBat(bat);
      await addBat(deps, await partitionOf(deps, owner), bat);
    },
  };
}

/**
 * A mirror BAT's id is a hash of it, which is what blocks list: of the secret alone, or, as some
 * clients have it, of its CBOR (A-4 §1).
 */
export function checkMirrorBat(bat: BatWithId): void {
  if (bat.isTrue) return;
  throw new MalformedRequest('The id of a mirror BAT is not the hash of its secret.');
}

export function batsToBytes(bats: readonly BatWithId[]): Uint8Array {
  return encodeCbor(bats.map((bat) => bat.toCbor()));
}

export function batsFromBytes(bytes: Uint8Array): BatWithId[] {
  return asList(decodeBlock(bytes), 'The BATs').map((bat) => BatWithId.fromCbor(bat));
}

async function addBat(deps: LocalNodeDeps, owner: KeyHash, bat: BatWithId): Promise<void> {
  await compareAndSet(deps.records, async () => {
    const stored = await read(deps.records, TABLE.bats, owner.toString(), batsFromBytes);
    const bats = stored.value ?? [];
    if (bats.some(({ id }) => id.equals(bat.id))) return { result: undefined };
    if (bats.length >= MAX_BATS) throw new MalformedRequest('There are too many mirror BATs.');
    const writes = [replace(stored.entry, batsToBytes([...bats, bat]))];
    return { change: { expect: [stored.entry], writes }, result: undefined };
  });
}
