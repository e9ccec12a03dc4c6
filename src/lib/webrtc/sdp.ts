/**
 * What a page and a node would have told each other about the connection, made up from the address
 * (libp2p's WebRTC-direct, version 2): the page offers what its browser wrote, unchanged, and
 * hides its password in the name that it gives to the node, from which the node reads it.
 */
import { toHex } from '#lib/bytes/index.ts';
import { MalformedPeerData } from './errors.ts';
import type { WebRtcAddress } from './multiaddr.ts';

/** What the page needs to know of an address. */
export type Reachable = Pick<WebRtcAddress, 'family' | 'ip' | 'port' | 'certificateHash'>;

/** Comes before the password in the name that version 2 gives to the node. */
export const VERSION_2_PREFIX = 'libp2p+webrtc+v2/';
/** Largest message that either side takes. */
const MAX_MESSAGE_BYTES = 16 * 1024;

/** The password of the connection in a description that the browser wrote. */
export function icePassword(sdp: string): string {
  const [, password] = /^a=ice-pwd:([A-Za-z\d+/]{22,256})\r?$/mu.exec(sdp) ?? [];
  if (password === undefined) throw new MalformedPeerData('The browser offers no password.');
  return password;
}

/** The SHA-256 of the certificate in such a description. */
export function sdpFingerprint(sdp: string): Uint8Array {
  const [, hex] = /^a=fingerprint:sha-256 ((?:[\da-f]{2}:){31}[\da-f]{2})\r?$/imu.exec(sdp) ?? [];
  if (hex === undefined) throw new MalformedPeerData('The browser shows no certificate.');
  return Uint8Array.from(hex.split(':'), (byte) => Number.parseInt(byte, 16));
}

/** As descriptions write it: `AB:CD:…`. */
export function formatFingerprint(hash: Uint8Array): string {
  return (toHex(hash).toUpperCase().match(/../gu) ?? []).join(':');
}

/** The answer that the node would give to an offer with this password. */
export function answerOf(address: Reachable, password: string): string {
  const credential = `${VERSION_2_PREFIX}${password}`;
  return description(address, [
    'a=ice-lite',
    ...credentials(credential, credential),
    `a=fingerprint:sha-256 ${formatFingerprint(address.certificateHash)}`,
    'a=setup:passive',
  ]);
}

export interface Caller extends Pick<WebRtcAddress, 'family' | 'ip' | 'port'> {
  /** Its name and its password. */
  readonly ufrag: string;
  readonly password: string;
}

/** The offer that a caller would have sent. Its certificate is not known and not checked. */
export function offerOf(caller: Caller): string {
  return description(caller, [
    ...credentials(caller.ufrag, caller.password),
    `a=fingerprint:sha-256 ${formatFingerprint(new Uint8Array(32))}`,
    'a=setup:active',
  ]);
}

function credentials(ufrag: string, password: string): string[] {
  return [`a=ice-ufrag:${ufrag}`, `a=ice-pwd:${password}`];
}

function description(
  { family, ip, port }: Pick<WebRtcAddress, 'family' | 'ip' | 'port'>,
  lines: readonly string[],
): string {
  return [
    'v=0',
    `o=- 0 0 IN IP${family} ${ip}`,
    's=-',
    't=0 0',
    `m=application ${port} UDP/DTLS/SCTP webrtc-datachannel`,
    `c=IN IP${family} ${ip}`,
    'a=mid:0',
    'a=ice-options:ice2',
    ...lines,
    'a=sctp-port:5000',
    `a=max-message-size:${MAX_MESSAGE_BYTES}`,
    `a=candidate:1 1 UDP 2130706431 ${ip} ${port} typ host`,
    'a=end-of-candidates',
    '',
  ].join('\r\n');
}
