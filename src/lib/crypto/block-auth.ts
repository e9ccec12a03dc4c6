/**
 * Proof towards a node that one knows a token of a block (A-4 §4.2, §4.3): an AWS signature,
 * version 4, over a request of fixed form.
 *
 * Secret, block, asking node and time are signed; the id of the token and the validity are not.
 * The auth string comes from strangers: hostile.
 */
import {
  equalConstantTime,
  fromHex,
  MalformedBytes,
  toBase58,
  toHex,
  utf8,
} from '#lib/bytes/index.ts';
import {
  asBytesOf,
  asInteger,
  asMap,
  cborMap,
  decodeBlock,
  encodeCbor,
  field,
  MalformedCbor,
} from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { Bat, toBatId } from './bats.ts';
import type { BatId } from './bats.ts';
import { hmacSha256, sha256Now } from './hash.ts';

/** How long an auth string of ours may be used. */
export const BLOCK_AUTH_SECONDS = 300;

const REGION = 'eu-central-1';
const SERVICE = 's3';

/** The signed request: who reads which block, and when. */
export interface BlockRequest {
  readonly block: Cid;
  /** The peer id of the node that is asking. */
  readonly node: Cid;
  /** Seconds since 1970. */
  readonly atSeconds: number;
}

/** What an auth string says. */
export interface BlockAuth {
  readonly batId: BatId;
  readonly validSeconds: number;
  readonly signature: Uint8Array;
  readonly atSeconds: number;
}

/** The auth string with which `request` proves to know `bat`, listed as `batId` (not inlined). */
export function authoriseRequest(
  request: BlockRequest,
  bat: Bat,
  batId: BatId,
  validSeconds = BLOCK_AUTH_SECONDS,
): string {
  if (batId.isIdentity) throw new RangeError('an inlined id would give the token away');
  const auth = cborMap([
    ['b', batId.bytes],
    ['e', validSeconds],
    ['s', signRequestWithBat(request, bat)],
    ['t', packTime(request.atSeconds)],
  ]);
  return toHex(encodeCbor(auth));
}

/** Reads an auth string. Throws `MalformedCbor`. */
export function parseBlockAuth(text: string): BlockAuth {
  const what = 'the authorisation of a request';
  const map = asMap(decodeBlock(fromHexAsCbor(text)), what);
  const batId = toBatId(field(map, 'b', what));
  if (batId.isIdentity) throw new MalformedCbor(`${what} has an inlined id.`);
  return {
    batId,
    validSeconds: asInteger(field(map, 'e', what), what),
    signature: asBytesOf(field(map, 's', what), 32, what),
    atSeconds: unpackTime(asInteger(field(map, 't', what), what)),
  };
}

/** What a node knows when it decides. */
export interface BlockAuthCheck {
  readonly block: Cid;
  /** The tokens that the block lists. */
  readonly batIds: readonly BatId[];
  /** The node that asks. */
  readonly node: Cid;
  /** The auth string; empty if none came. */
  readonly auth: string;
  readonly nowSeconds: number;
  /** The secret that is stored under a hashed id, if any. */
  readonly storedBat: (id: BatId) => Bat | undefined;
}

/** True if the node may have the block. Malformed authorisations are refused like wrong ones. */
export function mayReadBlock(check: BlockAuthCheck): boolean {
  if (check.batIds.length === 0) return true;
  const auth = tryParse(check.auth);
  if (auth === undefined || auth.atSeconds + auth.validSeconds < check.nowSeconds) return false;
  const request = { block: check.block, node: check.node, atSeconds: auth.atSeconds };
  return check.batIds.some((id) => {
    const candidate = candidateFor(id, auth, check.storedBat);
    if (candidate === undefined) return false;
    return equalConstantTime(signRequestWithBat(request, candidate), auth.signature);
  });
}

/** An inlined id is its own secret; a hashed one must be the one that the request names. */
function candidateFor(
  id: BatId,
  auth: BlockAuth,
  storedBat: (id: BatId) => Bat | undefined,
): Bat | undefined {
  if (id.isIdentity) return id.digest.length === 32 ? new Bat(id.digest) : undefined;
  return id.equals(auth.batId) ? storedBat(id) : undefined;
}

function tryParse(auth: string): BlockAuth | undefined {
  if (auth === '') return undefined;
  try {
    return parseBlockAuth(auth);
  } catch (error) {
    if (error instanceof MalformedCbor) return undefined;
    throw error;
  }
}

/** The 32-byte signature. */
export function signRequestWithBat(request: BlockRequest, bat: Bat): Uint8Array {
  const day = dateTimeText(request.atSeconds).slice(0, 8);
  let key = utf8(`AWS4${bat.toSecretText()}`);
  for (const part of [day, REGION, SERVICE, 'aws4_request']) key = hmacSha256(key, utf8(part));
  return hmacSha256(key, utf8(stringToSign(request)));
}

/** What the token's key signs: time, scope and the hash of {@link canonicalRequest} (A-4 §4.2). */
export function stringToSign(request: BlockRequest): string {
  const time = dateTimeText(request.atSeconds);
  const scope = `${time.slice(0, 8)}/${REGION}/${SERVICE}/aws4_request`;
  const requestHash = toHex(sha256Now(utf8(canonicalRequest(request))));
  return ['AWS4-HMAC-SHA256', time, scope, requestHash].join('\n');
}

/** The request in the one form that is signed, whatever was really sent (A-4 §4.2). */
export function canonicalRequest({ block, node, atSeconds }: BlockRequest): string {
  return [
    'GET',
    `/api/v0/block/get?arg=${toBase58(block.bytes)}`,
    '',
    `host:${node.toPeerId()}`,
    'x-amz-content-sha256:UNSIGNED-PAYLOAD',
    `x-amz-date:${dateTimeText(atSeconds)}`,
    '',
    'host;x-amz-content-sha256;x-amz-date',
    'UNSIGNED-PAYLOAD',
  ].join('\n');
}

/** `yyyyMMdd'T'HHmmss'Z'`. */
function dateTimeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.\d+|[-:]/g, '');
}

/** Seconds, minutes, hours, day, month and years since 2000 in one 32-bit signed number. */
function packTime(seconds: number): number {
  const at = new Date(seconds * 1000);
  const date = (at.getUTCMonth() + 1) << 22;
  const day = at.getUTCDate() << 17;
  const time = at.getUTCSeconds() | (at.getUTCMinutes() << 6) | (at.getUTCHours() << 12);
  return time | day | date | ((at.getUTCFullYear() - 2000) << 26);
}

/**
 * The reference computes in 32 bits with sign, so from 2032 on its numbers are negative and it reads
 * its own strings 64 years back. Written as it writes them; read as they were meant.
 */
function unpackTime(packed: number): number {
  const year = 2000 + Math.floor((packed >= 0 ? packed : packed + 2 ** 32) / 2 ** 26);
  const month = (packed >> 22) & 0xf;
  const day = (packed >> 17) & 0x1f;
  const hour = (packed >> 12) & 0x1f;
  return Date.UTC(year, month - 1, day, hour, (packed >> 6) & 0x3f, packed & 0x3f) / 1000;
}

function fromHexAsCbor(text: string): Uint8Array {
  try {
    return fromHex(text);
  } catch (error) {
    if (error instanceof MalformedBytes) throw new MalformedCbor(error.message, { cause: error });
    throw error;
  }
}
