/**
 * Addresses of nodes that a page reaches by WebRTC-direct:
 * `/ip4|ip6/<address>/udp/<port>/webrtc-direct/certhash/<multihash>/p2p/<peer id>` (libp2p's
 * addressing, webrtc-direct). Exactly this form, and no other multiaddr. The text is hostile.
 */
import {
  concat,
  fromMultibase,
  parseUrl,
  PyrgosError,
  toBase58,
  toMultibase,
} from '#lib/bytes/index.ts';
import { Cid, HASH_TYPE } from '#lib/codec/index.ts';
import { keyOfPeer } from '#lib/crypto/index.ts';
import { BadMultiaddr } from './errors.ts';

/** Longer than the longest address of this form. */
const MAX_UNITS = 300;
const SHA256_BYTES = 32;

export interface WebRtcAddress {
  readonly family: 4 | 6;
  /** Canonical: as the platform writes it, without brackets. */
  readonly ip: string;
  readonly port: number;
  /** SHA-256 of the certificate. */
  readonly certificateHash: Uint8Array;
  /** Its Ed25519 key is inlined. */
  readonly peer: Cid;
}

/** Whether a text is meant to be a multiaddr. */
export function looksLikeMultiaddr(text: string): boolean {
  return text.startsWith('/');
}

/** Throws {@link BadMultiaddr}. */
export function parseMultiaddr(text: string): WebRtcAddress {
  const parts = text.length > MAX_UNITS ? [] : text.split('/');
  const [empty, family, address, udp, port, webrtc, certhash, hash, p2p, id, ...rest] = parts;
  const isForm =
    empty === '' &&
    (family === 'ip4' || family === 'ip6') &&
    [udp, webrtc, certhash, p2p].join() === 'udp,webrtc-direct,certhash,p2p' &&
    rest.length === 0;
  if (!isForm) throw new BadMultiaddr();
  return {
    family: family === 'ip4' ? 4 : 6,
    ip: family === 'ip4' ? ip4(address ?? '') : ip6(address ?? ''),
    port: portOf(port ?? ''),
    certificateHash: certificateHash(hash ?? ''),
    peer: peerId(id ?? ''),
  };
}

/** The canonical text. */
export function formatMultiaddr(address: WebRtcAddress): string {
  const { family, ip, port, certificateHash: hash, peer } = address;
  const certhash = formatCerthash(hash);
  return `/ip${family}/${ip}/udp/${port}/webrtc-direct/certhash/${certhash}/p2p/${toBase58(peer.multihash)}`;
}

/** Multibase base64url of the multihash. */
export function formatCerthash(hash: Uint8Array): string {
  const base64 = toMultibase(fingerprintMultihash(hash), 'm').slice(1);
  return `u${base64.replaceAll('+', '-').replaceAll('/', '_')}`;
}

/** A SHA-256 as multihash. */
export function fingerprintMultihash(hash: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(HASH_TYPE.sha2_256, SHA256_BYTES), hash);
}

function ip4(text: string): string {
  const numbers = text.split('.');
  const isAddress =
    numbers.length === 4 && numbers.every((it) => /^(?:0|[1-9]\d{0,2})$/u.test(it) && +it < 256);
  if (!isAddress) throw new BadMultiaddr();
  return text;
}

/** Without zone: a page cannot say through which of its networks it reaches somebody. */
function ip6(text: string): string {
  const isSane = /^[\da-fA-F:.]{2,45}$/u.test(text);
  const url = isSane ? parseUrl(`http://[${text}]/`) : undefined;
  if (url === undefined) throw new BadMultiaddr();
  return url.hostname.slice(1, -1);
}

function portOf(text: string): number {
  if (!/^[1-9]\d{0,4}$/u.test(text) || Number(text) > 65_535) throw new BadMultiaddr();
  return Number(text);
}

function certificateHash(text: string): Uint8Array {
  if (!/^u[\w-]{46}$/u.test(text)) throw new BadMultiaddr();
  const base64 = text.slice(1).replaceAll('-', '+').replaceAll('_', '/');
  const multihash = refusing(() => fromMultibase(`m${base64}`));
  if (multihash[0] !== HASH_TYPE.sha2_256 || multihash[1] !== SHA256_BYTES) {
    throw new BadMultiaddr();
  }
  return multihash.slice(2);
}

function peerId(text: string): Cid {
  const id = refusing(() => Cid.parse(text, 100));
  if (keyOfPeer(id) === undefined) throw new BadMultiaddr();
  return id;
}

function refusing<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof PyrgosError) throw new BadMultiaddr();
    throw error;
  }
}
