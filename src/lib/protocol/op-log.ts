/** The one request a sign-up consists of: every block, pointer, login record and BAT (B-2 §6.1). Hostile. */
import {
  asBytes,
  asList,
  asMap,
  decodeCbor,
  encodeCbor,
  field,
  MalformedCbor,
  optional,
} from '#lib/codec/index.ts';
import type { CborMap, CborValue } from '#lib/codec/index.ts';
import { BatWithId } from '#lib/crypto/index.ts';
import { loginDataFromCbor } from './login-data.ts';
import type { LoginData } from './login-data.ts';
import { blockWriteFromCbor, pointerWriteFromCbor } from './writes.ts';
import type { BlockWrite, PointerWrite } from './writes.ts';

/** What a node accepts of a sign-up (B-2 §6.1). */
export const OP_LOG_MAX_BYTES = 65_536;

export type Operation =
  | { readonly kind: 'block'; readonly write: BlockWrite }
  | { readonly kind: 'pointer'; readonly write: PointerWrite };

export interface OpLog {
  /** In the order they take effect. */
  readonly operations: readonly Operation[];
  /** Absent for an account of the oldest kind, which has its entry points in its state (B-3 §7). */
  readonly login: SignedLogin | undefined;
  readonly mirrorBat: { readonly bat: BatWithId; readonly authorisation: Uint8Array } | undefined;
}

export interface SignedLogin {
  readonly data: LoginData;
  /** `cbor(LoginData)`, and the identity's detached signature of it. */
  readonly bytes: Uint8Array;
  readonly authorisation: Uint8Array;
}

/** Throws `MalformedCbor`. */
export function opLogFromBytes(bytes: Uint8Array): OpLog {
  const what = 'A sign-up';
  if (bytes.length > OP_LOG_MAX_BYTES) throw new MalformedCbor(`${what} is too long.`);
  const map = asMap(decodeCbor(bytes), what);
  const bat = optional(map, 'b');
  const batAuthorisation = optional(map, 'a');
  if ((bat === undefined) !== (batAuthorisation === undefined)) {
    throw new MalformedCbor(`${what} lacks a part of its mirror BAT.`);
  }
  return {
    operations: asList(field(map, 'ops', what), 'The operations').map(operationFromCbor),
    login: signedLoginFrom(map, what),
    mirrorBat:
      bat === undefined
        ? undefined
        : {
            bat: BatWithId.fromCbor(bat),
            authorisation: asBytes(batAuthorisation, 'The signature of the mirror BAT'),
          },
  };
}

function signedLoginFrom(map: CborMap, what: string): SignedLogin | undefined {
  const login = optional(map, 'login');
  const authorisation = optional(map, 'loginAuth');
  if (login === undefined && authorisation === undefined) return undefined;
  if (login === undefined || authorisation === undefined) {
    throw new MalformedCbor(`${what} lacks a part of its login record.`);
  }
  return {
    data: loginDataFromCbor(login),
    bytes: encodeCbor(login),
    authorisation: asBytes(authorisation, 'The signature of the login'),
  };
}

/** An entry with `"r"` is a block, any other a pointer. */
function operationFromCbor(value: CborValue): Operation {
  const isBlock = optional(asMap(value, 'An operation'), 'r') !== undefined;
  return isBlock
    ? { kind: 'block', write: blockWriteFromCbor(value) }
    : { kind: 'pointer', write: pointerWriteFromCbor(value) };
}
