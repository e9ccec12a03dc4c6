/**
 * Copies of accounts that have their home at another node: what one left here that has moved away, or
 * what is mirrored from its home (B-6 §8). Nobody writes to it here; it is what an account that comes
 * back, or is recovered here, is made of.
 */
import { fromUtf8 } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { pointerStateOf } from '#lib/protocol/index.ts';
import type { Sequence } from '#lib/protocol/index.ts';
import type { LocalNodeDeps } from './context.ts';
import { readMirrorNote } from './mirror-note.ts';
import { read, readOwner, TABLE } from './records.ts';

/** Where the account has its home of which this node has a copy; `undefined`: it has none. */
export async function homeOfCopy(
  { records }: Pick<LocalNodeDeps, 'records'>,
  identity: KeyHash,
): Promise<Cid | undefined> {
  return (await readOwner(records, identity)).value?.movedTo;
}

/** Whether a copy of the account with this name and identity is here. */
export async function isCopyHere(
  deps: Pick<LocalNodeDeps, 'records'>,
  username: string,
  identity: KeyHash,
): Promise<boolean> {
  const name = await deps.records.get(TABLE.identities, identity.toString());
  if (name === undefined || fromUtf8(name) !== username) return false;
  return (await homeOfCopy(deps, identity)) !== undefined;
}

export interface CopyState {
  /** Of the identity's pointer. */
  readonly sequence: Sequence;
  /** When the copy was last seen to be what the home has, milliseconds since 1970. */
  readonly seenMs: number;
}

/**
 * What there is of a copy that is kept up to date; `undefined`: there is none, or what is here was
 * left by an account that moved away.
 */
export async function copyState(
  deps: Pick<LocalNodeDeps, 'records'>,
  owner: KeyHash,
): Promise<CopyState | undefined> {
  const { records } = deps;
  const name = await records.get(TABLE.identities, owner.toString());
  if (name === undefined || (await homeOfCopy(deps, owner)) === undefined) return undefined;
  const note = await readMirrorNote(records, fromUtf8(name));
  const seenMs = note.value?.seenMs;
  if (seenMs === undefined) return undefined;
  const pointer = await read(records, TABLE.pointers, owner.toString(), pointerStateOf);
  if (pointer.value === undefined) return undefined;
  return { sequence: pointer.value.sequence ?? 0, seenMs };
}
