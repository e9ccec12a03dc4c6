/**
 * Who calls, by the user name of its first STUN request (libp2p's WebRTC-direct): the name that the
 * caller gave to this node, and its own. Anybody may send anything, and native code ends the whole
 * process over a name it cannot use, so nothing unchecked goes there.
 */
import { VERSION_2_PREFIX } from '#lib/webrtc/streams.ts';

const VERSION_1_PREFIX = 'libp2p+webrtc+v1/';
/** RFC 8839: `ice-char`, 4 to 256 of them in a name, at least 22 in a password. */
const ICE_NAME = /^[A-Za-z\d+/]{4,256}$/u;
const ICE_PASSWORD = /^[A-Za-z\d+/]{22,256}$/u;

/** What both sides of the connection are called. */
export interface Credentials {
  readonly local: { readonly ufrag: string; readonly password: string };
  readonly remote: { readonly ufrag: string; readonly password: string };
}

/** `local` is the part before the colon, `remote` the one after it; undefined: not one of ours. */
export function credentialsOf(
  local: string | undefined,
  remote: string | undefined,
): Credentials | undefined {
  if (local === undefined || remote === undefined) return undefined;
  if (!ICE_NAME.test(local) || !ICE_NAME.test(remote) || !ICE_PASSWORD.test(local)) {
    return undefined;
  }
  const own = { ufrag: local, password: local };
  if (local.startsWith(VERSION_1_PREFIX) && local === remote) {
    // Version 1: both sides bear one name, which is the password too.
    return { local: own, remote: own };
  }
  if (!local.startsWith(VERSION_2_PREFIX)) return undefined;
  const password = local.slice(VERSION_2_PREFIX.length);
  if (!ICE_PASSWORD.test(password)) return undefined;
  return { local: own, remote: { ufrag: remote, password } };
}
