/** Hosts that are this very machine: reads are sent to them as POST, and need no TLS (B-1 §1). */
import { canonicalHostname } from '../wire/canonical.ts';

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/u;

/** `hostname` as in a URL. */
export function isLoopbackHost(hostname: string): boolean {
  return LOOPBACK.test(canonicalHostname(hostname));
}
