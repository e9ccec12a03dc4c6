/**
 * Whether the registry may have what it added or changed (B-2 §2 to §4). A new name has to fit the
 * rule and its chain be valid by itself; a changed chain has to be what the registered one and some
 * update make together. The first mirror takes names of before today's rule, which stay valid.
 */
import { equalBytes, fromUtf8, PyrgosError, toHex } from '#lib/bytes/index.ts';
import type { GrownEntry } from '#lib/champ/index.ts';
import { Cid, decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import type { KeyLookup } from '#lib/crypto/index.ts';
import {
  claimChainFromCbor,
  claimChainToCbor,
  isValidUsername,
  mergeClaimChains,
  verifyClaimChain,
} from '#lib/protocol/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';
import { IllegalEntry } from './errors.ts';

/** Two hundred links of some three hundred bytes each, and some room. */
export const CHAIN_MAX_BYTES = 256 * 1024;
const NAME_MAX_BYTES = 64;

export interface JudgeDeps {
  /** Bytes of a chain of the state that is judged, verified by their hash. */
  readonly load: (cid: Cid) => Promise<Uint8Array>;
  /** The same of the state before it. */
  readonly loadOld: (cid: Cid) => Promise<Uint8Array>;
  readonly lookup: KeyLookup;
  /** Whether names of before today's rule are taken: in the first state that is mirrored. */
  readonly takesOldNames: boolean;
}

export interface JudgedEntry {
  readonly username: string;
  readonly isNew: boolean;
  readonly chain: readonly UserPublicKeyLink[];
  readonly cid: Cid;
  readonly bytes: Uint8Array;
  /** The chain's block before. */
  readonly before: Cid | undefined;
}

/** Throws {@link IllegalEntry}, and what the loaders throw. */
export async function judgeEntry(
  { key, oldValue, newValue }: GrownEntry,
  deps: JudgeDeps,
): Promise<JudgedEntry> {
  const shown = shownName(key);
  const username = ruled(shown, () => nameOf(key));
  const isNew = oldValue === undefined;
  if (isNew && !deps.takesOldNames && !isValidUsername(username)) {
    throw new IllegalEntry(shown, 'no new name may be so.');
  }
  const cid = linkOf(shown, newValue);
  const before = isNew ? undefined : linkOf(shown, oldValue);
  const bytes = await deps.load(cid);
  const chain = ruled(shown, () => chainOf(bytes));
  if (before === undefined) {
    await asRuled(shown, () => verifyClaimChain(chain, username, deps.lookup));
  } else {
    const registered = chainOf(await deps.loadOld(before));
    await asRuled(shown, () => requireMerged(registered, chain, username, deps.lookup));
  }
  return { username, isNew, chain, cid, bytes, before };
}

/** What an update makes of a chain has all links of the chain but the last, which the merge may lack. */
async function requireMerged(
  registered: readonly UserPublicKeyLink[],
  chain: readonly UserPublicKeyLink[],
  username: string,
  lookup: KeyLookup,
): Promise<void> {
  const merged = await mergeClaimChains(registered, chain, username, lookup);
  const [ours, shown] = [merged, chain].map((links) => encodeCbor(claimChainToCbor(links)));
  if (!equalBytes(ours!, shown!)) throw new NotMerged('it lacks links that were registered.');
}

class NotMerged extends PyrgosError {
  override readonly name: string = 'NotMerged';
  override readonly kind = 'refused';
}

/** The chain in a block of the registry. Throws `MalformedCbor`. */
export function chainOf(bytes: Uint8Array): UserPublicKeyLink[] {
  return claimChainFromCbor(decodeBlock(bytes));
}

function nameOf(key: Uint8Array): string {
  if (key.length > NAME_MAX_BYTES) throw new NotMerged('the name is too long.');
  return fromUtf8(key);
}

function linkOf(shown: string, value: CborValue | undefined): Cid {
  if (value instanceof Cid) return value;
  throw new IllegalEntry(shown, 'it leads to no chain.');
}

/** A name for logs: nothing that could be taken for anything else there. */
function shownName(key: Uint8Array): string {
  const isPlain = key.length <= NAME_MAX_BYTES && key.every((byte) => byte > 0x20 && byte < 0x7f);
  return isPlain ? fromUtf8(key) : `0x${toHex(key.subarray(0, NAME_MAX_BYTES))}`;
}

function ruled<T>(shown: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw illegal(shown, error);
  }
}

async function asRuled(shown: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw illegal(shown, error);
  }
}

/** Failures on the way to a key are no fault of the entry. */
function illegal(shown: string, error: unknown): unknown {
  if (!(error instanceof PyrgosError) || error.kind === 'offline') return error;
  return new IllegalEntry(shown, error.message, { cause: error });
}
