/**
 * Whose a write is. Clients name one owner for all they commit together, also for what they note in
 * the space of their own user while they write into a folder of a friend: so a writer's blocks and
 * pointers go to the account the writer belongs to, under its rules and in its space. The writer's
 * signature is what allows them, as it would if that account were named.
 */
import type { KeyHash } from '#lib/crypto/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import { readWriter } from './records.ts';

/** The account of `writer` if both it and the one named are here; otherwise the one named. */
export async function accountOf(
  records: RecordStore,
  owner: KeyHash,
  writer: KeyHash,
): Promise<KeyHash> {
  const { value: known } = await readWriter(records, writer);
  if (known === undefined || known.owner.equals(owner)) return owner;
  const { value: named } = await readWriter(records, owner);
  return named?.owner.equals(owner) === true ? known.owner : owner;
}
