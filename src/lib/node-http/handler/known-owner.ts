/**
 * Calls about an owner nobody knows are refused (B-1 §3.1). The names are asked only when nothing
 * was found or the node refused, since then alone the answer depends on it.
 */
import type { KeyHash } from '#lib/crypto/index.ts';
import { UnknownUser, UnknownWriter } from '#lib/protocol/index.ts';
import type { Call } from './endpoint.ts';

/** The owner named in the query; noted for the text of a refusal. */
export function ownerOf(call: Call): KeyHash {
  const owner = call.query.key('owner');
  call.refused.owner = owner.toString();
  return owner;
}

/** The writer named in the query; noted for the text of a refusal. */
export function writerOf(call: Call): KeyHash {
  const writer = call.query.key('writer');
  call.refused.writer = writer.toString();
  return writer;
}

/** `found`, unless it is nothing because the owner is unknown: then throws {@link UnknownUser}. */
export async function orUnknownOwner<T>(call: Call, owner: KeyHash, found: Promise<T>): Promise<T> {
  let result: T;
  try {
    result = await found;
  } catch (error) {
    if (error instanceof UnknownWriter) await requireKnownOwner(call, owner);
    throw error;
  }
  if (result === undefined) await requireKnownOwner(call, owner);
  return result;
}

async function requireKnownOwner({ node }: Call, owner: KeyHash): Promise<void> {
  if ((await node.names.nameOf(owner)) !== undefined) return;
  throw new UnknownUser('There is no such user here.');
}
