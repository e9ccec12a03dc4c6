/**
 * Who may do what: attached and detached signatures, signed times and requests (B-1 §1.2), and the
 * BATs of a block (A-4 §4.3, B-6 §5). The verifying key always comes from a key hash the node
 * trusts, never from the request. Input: hostile.
 */
import { concat, equalBytes, equalConstantTime, PyrgosError } from '#lib/bytes/index.ts';
import {
  asInteger,
  asMap,
  asText,
  BLOCK_MAX_BYTES,
  CODEC,
  decodeCbor,
  field,
} from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { batIdsOfBlock, hashBlock, PublicSigningKey, verifySigned } from '#lib/crypto/index.ts';
import type { BatId, BatWithId, KeyHash } from '#lib/crypto/index.ts';
import {
  BlockTooBig,
  MalformedRequest,
  parseRequest,
  StaleClock,
  Unauthorised,
  UnknownWriter,
  WrongSignature,
} from './refusals.ts';

export const LOGIN_WINDOW_MS = 24 * 60 * 60 * 1000;
export const REQUEST_WINDOW_MS = 300 * 1000;
/** A signature and the hash it is of. */
const AUTHORISATION_BYTES = 96;

/** The expected signer: a key, or the name of one that contains it. */
export type Signatory = PublicSigningKey | KeyHash;

/** The key a name contains. One that does not has to be looked up first, see public-keys.ts. */
export function keyOf(signatory: Signatory): PublicSigningKey {
  if (signatory instanceof PublicSigningKey) return signatory;
  const hash = signatory;
  const key = parseRequest('A key', () => PublicSigningKey.fromHash(hash));
  if (key === undefined) throw new UnknownWriter('A key of an old kind cannot be used here.');
  return key;
}

/** The message of an attached signature; throws {@link WrongSignature}. */
export function openSignedBy(
  signer: Signatory,
  signed: Uint8Array,
  what: string,
): Promise<Uint8Array> {
  return openSigned(keyOf(signer), signed, what);
}

export async function openSigned(
  key: PublicSigningKey,
  signed: Uint8Array,
  what: string,
): Promise<Uint8Array> {
  try {
    return await verifySigned(key, signed);
  } catch (error) {
    if (!(error instanceof PyrgosError)) throw error;
    throw new WrongSignature(`${what} is not signed by the right key.`, { cause: error });
  }
}

/** Checks a 64-byte signature that stands apart from its message. */
export async function checkDetached(
  signer: Signatory,
  signature: Uint8Array,
  message: Uint8Array,
  what: string,
): Promise<void> {
  if (signature.length !== 64) throw new WrongSignature(`${what} has no signature.`);
  await openSignedBy(signer, concat(signature, message), what);
}

/** `S(key, cbor(milliseconds))`, no further from now than the window. */
export async function checkSignedTime(
  key: PublicSigningKey,
  auth: Uint8Array,
  nowMs: number,
  windowMs: number,
): Promise<void> {
  const timeMs = signedTimeOf(await openSigned(key, auth, 'The signed time'));
  if (Math.abs(nowMs - timeMs) > windowMs) throw new StaleClock();
}

/** The time that `signer` signed; whether it is recent enough is the caller's to say. */
export async function openSignedTime(signer: Signatory, auth: Uint8Array): Promise<number> {
  return signedTimeOf(await openSignedBy(signer, auth, 'The signed time'));
}

function signedTimeOf(message: Uint8Array): number {
  return parseRequest('The signed time', () => asInteger(decodeCbor(message), 'The signed time'));
}

/** {@link openSignedRequest} of something that is only read, no further from now than the window. */
export async function checkSignedRequest(
  identity: Signatory,
  auth: Uint8Array,
  path: string,
  nowMs: number,
  windowMs = REQUEST_WINDOW_MS,
): Promise<void> {
  const timeMs = await openSignedRequest(identity, auth, path);
  if (Math.abs(nowMs - timeMs) > windowMs) throw new StaleClock();
}

/**
 * The time of `S(identity, cbor({"p": path, "t": milliseconds}))`. Whether it is recent enough is the
 * caller's to say; what changes something uses it up (`local/signed-times.ts`).
 */
export async function openSignedRequest(
  identity: Signatory,
  auth: Uint8Array,
  path: string,
): Promise<number> {
  const message = await openSignedBy(identity, auth, 'The request');
  const request = parseRequest('The signed request', () => {
    const map = asMap(decodeCbor(message), 'The signed request');
    return {
      path: asText(field(map, 'p', 'The signed request'), 'The path'),
      timeMs: asInteger(field(map, 't', 'The signed request'), 'The time'),
    };
  });
  if (request.path !== path) throw new WrongSignature('A request is signed for another purpose.');
  return request.timeMs;
}

/**
 * Throws {@link Unauthorised} unless the block is public or the secret is one of its BATs: an
 * inline one, or one whose hash, in either form, the block lists (the mirror BAT). Knowing the preimage is the
 * proof, so no stored secret is needed.
 */
export function checkBlockAccess(bytes: Uint8Array, codec: number, bat?: BatWithId): void {
  checkBats(batIdsOfBlock(bytes, codec), bat);
}

/** {@link checkBlockAccess} for the list of a block's BATs. */
export function checkBats(ids: readonly BatId[], bat?: BatWithId): void {
  if (ids.length === 0) return;
  if (bat !== undefined) {
    const accepted = bat.bat.ids();
    for (const id of ids) {
      if (accepted.some((own) => equalConstantTime(own.bytes, id.bytes))) return;
    }
  }
  throw new Unauthorised('This block is protected.');
}

export type BlockFormat = 'raw' | 'dag-cbor';

export interface BlockToWrite {
  readonly bytes: Uint8Array;
  /** The writer's attached signature of the block's SHA-256, 96 bytes (A-2 §2). */
  readonly authorisation: Uint8Array;
}

/** A block whose writer signed it. */
export interface CheckedBlock {
  readonly cid: Cid;
  readonly bytes: Uint8Array;
}

/** Size, form and the writer's signature of one block; gives its CID. */
export async function checkBlock(
  writer: Signatory,
  { bytes, authorisation }: BlockToWrite,
  format: BlockFormat,
): Promise<CheckedBlock> {
  if (bytes.length > BLOCK_MAX_BYTES) {
    throw new BlockTooBig(`A block has ${bytes.length} bytes, more than ${BLOCK_MAX_BYTES}.`);
  }
  if (bytes.length === 0) throw new MalformedRequest('A block is empty.');
  if (authorisation.length !== AUTHORISATION_BYTES) {
    throw new WrongSignature('A block is not signed as blocks are.');
  }
  const message = await openSigned(keyOf(writer), authorisation, 'A block');
  if (format === 'dag-cbor') parseRequest('A block', () => decodeCbor(bytes));
  const cid = await hashBlock(bytes, format === 'raw' ? CODEC.raw : CODEC.dagCbor);
  if (!equalBytes(message, cid.digest)) {
    throw new WrongSignature('A block is signed as another one.');
  }
  return { cid, bytes };
}
