/**
 * Who may do what: attached and detached signatures, signed times and requests (B-1 §1.2), and the
 * BATs of a block (A-4 §4.3, B-6 §5). The verifying key always comes from a key hash the node
 * trusts, never from the request. Input: hostile.
 */
import { concat, equalConstantTime, PyrgosError } from '#lib/bytes/index.ts';
import { asInteger, asMap, asText, decodeBlock, field } from '#lib/codec/index.ts';
import { batIdsOfBlock, PublicSigningKey, verifySigned } from '#lib/crypto/index.ts';
import type { BatWithId, KeyHash } from '#lib/crypto/index.ts';
import { parseRequest, StaleClock, Unauthorised, UnknownWriter, WrongSignature } from './errors.ts';

export const LOGIN_WINDOW_MS = 24 * 60 * 60 * 1000;
export const REQUEST_WINDOW_MS = 300 * 1000;

/** The key a hash names. Keys of old accounts that are not inlined are refused. */
export function keyOf(hash: KeyHash): PublicSigningKey {
  const key = parseRequest('A key', () => PublicSigningKey.fromHash(hash));
  if (key === undefined) throw new UnknownWriter('A key of an old kind cannot be used here.');
  return key;
}

/** The message of an attached signature; throws {@link WrongSignature}. */
export function openSignedBy(
  signer: KeyHash,
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
  signer: KeyHash,
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
  const message = await openSigned(key, auth, 'The signed time');
  const timeMs = parseRequest('The signed time', () =>
    asInteger(decodeBlock(message), 'The signed time'),
  );
  if (Math.abs(nowMs - timeMs) > windowMs) throw new StaleClock();
}

/** `S(identity, cbor({"p": path, "t": milliseconds}))`; without `nowMs` the time is not looked at. */
export async function checkSignedRequest(
  identity: KeyHash,
  auth: Uint8Array,
  path: string,
  nowMs?: number,
): Promise<void> {
  const message = await openSignedBy(identity, auth, 'The request');
  const request = parseRequest('The signed request', () => {
    const map = asMap(decodeBlock(message), 'The signed request');
    return {
      path: asText(field(map, 'p', 'The signed request'), 'The path'),
      timeMs: asInteger(field(map, 't', 'The signed request'), 'The time'),
    };
  });
  if (request.path !== path) throw new WrongSignature('A request is signed for another purpose.');
  if (nowMs !== undefined && Math.abs(nowMs - request.timeMs) > REQUEST_WINDOW_MS) {
    throw new StaleClock();
  }
}

/**
 * Throws {@link Unauthorised} unless the block is public or the secret is one of its BATs: an
 * inline one, or one whose hash the block lists (the mirror BAT). Knowing the preimage is the
 * proof, so no stored secret is needed.
 */
export function checkBlockAccess(bytes: Uint8Array, codec: number, bat?: BatWithId): void {
  const ids = batIdsOfBlock(bytes, codec);
  if (ids.length === 0) return;
  if (bat !== undefined) {
    const accepted = [bat.bat.inlineId(), bat.bat.secretHashId()];
    for (const id of ids) {
      if (accepted.some((own) => equalConstantTime(own.bytes, id.bytes))) return;
    }
  }
  throw new Unauthorised('This block is protected.');
}
