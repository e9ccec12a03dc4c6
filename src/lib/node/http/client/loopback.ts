/** Origins of this very machine: reads are sent to them as POST (B-1 §1). */

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/u;

export function isLoopbackOrigin({ hostname }: URL): boolean {
  return LOOPBACK.test(hostname);
}
