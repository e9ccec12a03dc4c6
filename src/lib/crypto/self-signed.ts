/**
 * A certificate that signs itself, as WebRTC wants one (RFC 5280 in DER): ECDSA with P-256 and
 * SHA-256. It proves nothing to anybody; its SHA-256 is what others know of a node.
 */
import { concat, fromHex, utf8 } from '#lib/bytes/index.ts';
import type { Random } from '#lib/bytes/index.ts';

export interface SelfSigned {
  /** PEM. */
  readonly certificate: string;
  /** PEM of PKCS #8. Secret. */
  readonly key: string;
  /** SHA-256 of the certificate. */
  readonly fingerprint: Uint8Array;
}

const DER = {
  integer: 0x02,
  bitString: 0x03,
  objectId: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
  version: 0xa0,
} as const;
const ECDSA_WITH_SHA256 = fromHex('2a8648ce3d040302');
const COMMON_NAME = fromHex('550403');
const VERSION_3 = Uint8Array.of(2);
const SERIAL_BYTES = 16;
const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** Makes a key and its certificate, valid from the first instant to the second (before 2050). */
export async function createSelfSigned(
  name: string,
  fromMs: number,
  untilMs: number,
  random: Random,
): Promise<SelfSigned> {
  const { subtle } = crypto;
  const pair = await subtle.generateKey(CURVE, true, ['sign', 'verify']);
  const spki = new Uint8Array(await subtle.exportKey('spki', pair.publicKey));
  const algorithm = der(DER.sequence, der(DER.objectId, ECDSA_WITH_SHA256));
  const who = der(
    DER.sequence,
    der(
      DER.set,
      der(DER.sequence, der(DER.objectId, COMMON_NAME), der(DER.utf8String, utf8(name))),
    ),
  );
  const signed = der(
    DER.sequence,
    der(DER.version, der(DER.integer, VERSION_3)),
    positiveInteger(random(SERIAL_BYTES)),
    algorithm,
    who,
    der(DER.sequence, utcTime(fromMs), utcTime(untilMs)),
    who,
    spki,
  );
  const hash = { name: 'ECDSA', hash: 'SHA-256' };
  const raw = await subtle.sign(hash, pair.privateKey, signed as Uint8Array<ArrayBuffer>);
  const signature = new Uint8Array(raw);
  const rs = [signature.subarray(0, 32), signature.subarray(32)].map(positiveInteger);
  const bits = concat(Uint8Array.of(0), der(DER.sequence, ...rs));
  const certificate = der(DER.sequence, signed, algorithm, der(DER.bitString, bits));
  const digest = await subtle.digest('SHA-256', certificate as Uint8Array<ArrayBuffer>);
  const key = new Uint8Array(await subtle.exportKey('pkcs8', pair.privateKey));
  return {
    certificate: pem('CERTIFICATE', certificate),
    key: pem('PRIVATE KEY', key),
    fingerprint: new Uint8Array(digest),
  };
}

function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concat(...parts);
  const { length } = content;
  if (length < 0x80) return concat(Uint8Array.of(tag, length), content);
  const size = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return concat(Uint8Array.of(tag, ...size), content);
}

/** Without needless zeros, and with one where the first bit would make it negative. */
function positiveInteger(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  const number = start < 0 ? Uint8Array.of(0) : bytes.subarray(start);
  return der(DER.integer, number[0]! < 0x80 ? number : concat(Uint8Array.of(0), number));
}

/** `YYMMDDHHMMSSZ`. */
function utcTime(ms: number): Uint8Array {
  const digits = new Date(ms).toISOString().replaceAll(/[^\d]/gu, '').slice(2, 14);
  return der(DER.utcTime, utf8(`${digits}Z`));
}

function pem(label: string, bytes: Uint8Array): string {
  const lines = btoa(String.fromCharCode(...bytes)).match(/.{1,64}/gu) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
