/** Looking at bytes by position; past the end there is nothing, never an error. */

/** Whether these bytes stand at an offset; text stands for its ASCII codes. */
export function isAt(
  bytes: Uint8Array,
  offset: number,
  ...expected: readonly (string | number)[]
): boolean {
  let at = offset;
  for (const part of expected) {
    const codes = typeof part === 'number' ? [part] : [...part].map((it) => it.charCodeAt(0));
    for (const code of codes) if (bytes[at++] !== code) return false;
  }
  return true;
}

/** Four bytes as ASCII: the name of a box or of a brand. */
export function fourLetters(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + 4));
}

/** An unsigned 32-bit number, first byte highest; NaN past the end. */
export function uint32(bytes: Uint8Array, offset: number): number {
  if (offset + 4 > bytes.length) return Number.NaN;
  return new DataView(bytes.buffer, bytes.byteOffset + offset, 4).getUint32(0);
}

/** An unsigned 32-bit number, first byte lowest; NaN past the end. */
export function uint32Little(bytes: Uint8Array, offset: number): number {
  if (offset + 4 > bytes.length) return Number.NaN;
  return new DataView(bytes.buffer, bytes.byteOffset + offset, 4).getUint32(0, true);
}
