/** Labels of the sub-domains that give each app an origin of its own (C-9 §9.1, C-11 appSubdomain). */
import { concat, toMultibase, utf8 } from '#lib/bytes/index.ts';
import { hmacSha256, sha256Now } from '#lib/crypto/index.ts';

/** The label of an installed app (`alice/.apps/chat`), or of one run from its folder. */
export function appSubdomain(path: string): string {
  return label(sha256Now(utf8(normalised(path))));
}

/** The label of the HTML viewer and the gallery for an opened page. */
export function pageSubdomain(ownerName: string, path: string): string {
  const hashes = concat(sha256Now(utf8(ownerName)), sha256Now(utf8(normalised(path))));
  return label(sha256Now(hashes));
}

/** A label of the same form that says nothing of the path to those without the secret. */
export function keyedSubdomain(secret: Uint8Array, path: string): string {
  const message = utf8(`pyrgos app origin v1\0${normalised(path)}`);
  return label(hmacSha256(secret, message));
}

/** Trimmed, with `/` for `\`, without one slash at each end. */
function normalised(path: string): string {
  return path.trim().replaceAll('\\', '/').replace(/^\//u, '').replace(/\/$/u, '');
}

/** The multihash of a SHA-256 in base32 with its multibase letter. */
function label(hash: Uint8Array): string {
  return toMultibase(concat(Uint8Array.of(0x12, 0x20), hash), 'b');
}
