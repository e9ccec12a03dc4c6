/**
 * Login data as clients send them and as the node keeps them (B-3 §2). Requests are hostile. The
 * encrypted entry points are opaque here.
 */
import {
  asBytes,
  asBytesOf,
  asList,
  asMap,
  asText,
  cborMap,
  decodeBlock,
  encodeCbor,
  field,
  MalformedCbor,
  optional,
} from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { NONCE_BYTES, PublicSigningKey } from '#lib/crypto/index.ts';
import { blockWriteFromCbor, pointerWriteFromCbor } from './writes.ts';
import type { BlockWrite, PointerWrite } from './writes.ts';

export const LOGIN_DATA_MAX_BYTES = 16_384;

/** The stored record: the key that may fetch it, and its content. */
export interface LoginRecord {
  readonly loginKey: PublicSigningKey;
  /** UserStaticData: the entry points encrypted under the root key. */
  readonly entryPoints: CborValue;
}

export interface LoginData extends LoginRecord {
  readonly username: string;
  /** Present when a password change switches the algorithm in the identity's state as well. */
  readonly change: { readonly block: BlockWrite; readonly pointer: PointerWrite } | undefined;
}

/** Throws `MalformedCbor`. */
export function loginDataFromCbor(value: CborValue | undefined): LoginData {
  const what = 'Login data';
  const map = asMap(value, what);
  const block = optional(map, 'b');
  const pointer = optional(map, 'p');
  if ((block === undefined) !== (pointer === undefined)) {
    throw new MalformedCbor('Login data change a block without its pointer.');
  }
  const entryPoints = asList(field(map, 'e', what), 'The entry points');
  asBytesOf(entryPoints[0], NONCE_BYTES, 'The nonce of the entry points');
  asBytes(entryPoints[1], 'The entry points');
  return {
    username: asText(field(map, 'u', what), 'The user name'),
    loginKey: PublicSigningKey.fromCbor(field(map, 'r', what)),
    entryPoints,
    change:
      block === undefined
        ? undefined
        : { block: blockWriteFromCbor(block), pointer: pointerWriteFromCbor(pointer) },
  };
}

export function loginRecordToBytes({ loginKey, entryPoints }: LoginRecord): Uint8Array {
  return encodeCbor(
    cborMap([
      ['e', entryPoints],
      ['r', loginKey.toCbor()],
    ]),
  );
}

export function loginRecordFromBytes(bytes: Uint8Array): LoginRecord {
  const map = asMap(decodeBlock(bytes), 'The login record');
  return {
    loginKey: PublicSigningKey.fromCbor(field(map, 'r', 'The login record')),
    entryPoints: field(map, 'e', 'The login record'),
  };
}

/** The change of the identity's state that a password change makes together with the record. */
export interface StateChange {
  readonly blockWrite: CborValue;
  readonly pointerWrite: CborValue;
}

/** LoginData (B-3 §2): the record as it is sent to the node. */
export function loginDataToCbor(
  username: string,
  sealed: CborValue,
  login: PublicSigningKey,
  change?: StateChange,
): CborValue {
  return cborMap([
    ['u', username],
    ['e', sealed],
    ['r', login.toCbor()],
    ['b', change?.blockWrite],
    ['p', change?.pointerWrite],
  ]);
}
