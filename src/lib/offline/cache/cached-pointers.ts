/**
 * Pointers of a remote node. The node is asked always; what it answered last is what counts while
 * it is away. Kept are only pointers their writers signed, and never one behind another: a node
 * that answers with an older one is passed on to who asked, who remembers and judges, but what is
 * recalled later is the newest ever seen.
 */
import { equalBytes, PyrgosError } from '#lib/bytes/index.ts';
import { asBytes } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { NodePointers } from '#lib/node/index.ts';
import { openPointerUpdate, pointerStateOf } from '#lib/protocol/index.ts';
import type { KeptRecords } from './record-cache.ts';
import type { Reachability } from './reachability.ts';

export interface CachedPointersDeps {
  readonly remote: NodePointers;
  readonly kept: KeptRecords;
  readonly reachability: Reachability;
}

const TABLE = 'cache-pointers';
const NOTED_POINTERS = 1_000;

export function cachedPointers({ remote, kept, reachability }: CachedPointersDeps): NodePointers {
  /** What was kept last, so that the same pointer is not verified and written again and again. */
  const last = new Map<string, Uint8Array | undefined>();
  const keep = async (
    owner: KeyHash,
    writer: KeyHash,
    signed: Uint8Array | undefined,
  ): Promise<void> => {
    const key = keyOf(owner, writer);
    if (last.has(key) && isSame(last.get(key), signed)) return;
    await keepNewest(kept, owner, writer, signed);
    if (last.size >= NOTED_POINTERS) last.clear();
    last.set(key, signed?.slice());
  };
  return {
    get: (owner, writer, options) =>
      reachability.askOrRecall(
        async () => {
          const signed = await remote.get(owner, writer, options);
          await keep(owner, writer, signed);
          return signed;
        },
        async () => {
          const known = await kept.get(TABLE, keyOf(owner, writer), signedIn);
          return known && { known: known.signed };
        },
      ),
    set: async (owner, writer, signed) => {
      await reachability.ask(() => remote.set(owner, writer, signed));
      await keep(owner, writer, signed);
    },
    setMany: async (owner, updates) => {
      await reachability.ask(() => remote.setMany(owner, updates));
      for (const { writer, signed } of updates) await keep(owner, writer, signed);
    },
  };
}

async function keepNewest(
  kept: KeptRecords,
  owner: KeyHash,
  writer: KeyHash,
  signed: Uint8Array | undefined,
): Promise<void> {
  if (signed !== undefined && !(await isSignedBy(writer, signed))) return;
  await kept.update(TABLE, keyOf(owner, writer), (before) => {
    if (before === undefined) return signed ?? null;
    return isNewer(signed, signedIn(before).signed) ? (signed ?? null) : before;
  });
}

async function isSignedBy(writer: KeyHash, signed: Uint8Array): Promise<boolean> {
  try {
    await openPointerUpdate(writer, signed);
    return true;
  } catch (error) {
    // Also the pointer of an old key that does not name itself: who asked can check that one.
    if (error instanceof PyrgosError) return false;
    throw error;
  }
}

function isNewer(signed: Uint8Array | undefined, before: Uint8Array | undefined): boolean {
  if (signed === undefined) return false;
  const [now, then] = [pointerStateOf(signed), pointerStateOf(before)];
  return (now.sequence ?? 0) >= (then.sequence ?? 0);
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalBytes(a, b);
}

function keyOf(owner: KeyHash, writer: KeyHash): string {
  return `${owner.toString()}/${writer.toString()}`;
}

/** Null: there was none. */
function signedIn(value: CborValue): { readonly signed: Uint8Array | undefined } {
  return { signed: value === null ? undefined : asBytes(value, 'A kept pointer') };
}
