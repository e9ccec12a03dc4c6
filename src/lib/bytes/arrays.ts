/** Joining and comparing byte strings. */

/** All parts one after the other, in fresh memory. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Same length and content. Stops at the first difference: for secrets use {@link equalConstantTime}. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Same length and content, looking at every byte whatever the first ones say. The length is not hidden. */
export function equalConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

/** Unsigned lexicographic order; a prefix comes before what it begins. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/**
 * Gives the memory of large byte strings back at once instead of at the next collection of garbage;
 * they are empty afterwards. Memory that is shared with other views is left alone.
 */
export function giveBack(...spent: readonly Uint8Array[]): void {
  for (const { buffer, byteLength } of spent) {
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
  }
}

/** Shorter first, then unsigned lexicographic. */
export function compareShortestFirst(a: Uint8Array, b: Uint8Array): number {
  return a.length - b.length || compareBytes(a, b);
}
