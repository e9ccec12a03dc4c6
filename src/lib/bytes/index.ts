/**
 * Byte strings and their text forms (A-1 §3, §6). Knows nothing of what bytes mean.
 * Every reader here takes hostile input and throws {@link MalformedBytes}, nothing else.
 */
export {
  compareBytes,
  compareShortestFirst,
  concat,
  equalBytes,
  equalConstantTime,
  giveBack,
} from './arrays.ts';
export { canonical, sameName } from './canonical.ts';
export { ERROR_KINDS, kindOf, MalformedBytes, PyrgosError } from './errors.ts';
export type { ErrorKind } from './errors.ts';
export { fromHex, toHex } from './hex.ts';
export { decodeVarint, encodeVarint, u32le, u64be, u64le } from './integers.ts';
export { fromBase32, fromMultibase, toBase32, toMultibase } from './multibase.ts';
export type { MultibasePrefix } from './multibase.ts';
export { fromBase36, fromBase58, toBase36, toBase58 } from './radix.ts';
export { fromUtf8, utf8 } from './text.ts';
export { decodeTypedPieces, decodeTypedText, typedEnvironment, typedValue } from './typed-text.ts';
export type { Brand, Random } from './types.ts';
export { parseUrl } from './url.ts';
