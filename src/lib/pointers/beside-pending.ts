/** A memory of what nodes answered beside a journal of changes that no node has seen yet. */
import type { KeyHash } from '#lib/crypto/index.ts';
import type { PointerMemory, PointerState } from './memory.ts';

/**
 * Leaves out what `isOwn` says is this device's alone: it may still be put together with the work of
 * others, and must not make their pointers look rolled back.
 */
export function rememberBesidePending(
  memory: PointerMemory,
  isOwn: (writer: KeyHash, state: PointerState) => boolean,
): PointerMemory {
  return {
    see: (writer, state) => (isOwn(writer, state) ? Promise.resolve() : memory.see(writer, state)),
  };
}
