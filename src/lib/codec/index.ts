/**
 * CBOR, CIDs and the sizes of things. Imports only the bytes room.
 * Everything that reads here takes hostile input and throws {@link MalformedCbor} or {@link MalformedCid}.
 */
export { Cid, CODEC, HASH_TYPE, MalformedCid, sameCid } from './cid.ts';
export { decodeBlock, decodeCbor, decodeCborPrefix } from './decode.ts';
export { encodeCbor, encodeCborPieces } from './encode.ts';
export * from './limits.ts';
export {
  asBigint,
  asBoolean,
  asBytes,
  asBytesOf,
  asInteger,
  asLink,
  asList,
  asMap,
  asText,
  field,
  linksOf,
  optional,
} from './read.ts';
export { cborMap, MalformedCbor } from './value.ts';
export type { CborMap, CborValue } from './value.ts';
