/**
 * Public blocks from IPFS, for those whose home is away: any peer may have them. Each question tells
 * the network that somebody here wants the block, so nothing else is asked for.
 */
import type { FetchPublic } from '#lib/forwarding/index.ts';
import type { Kubo } from './kubo.ts';
import { isPublic } from './public-blocks.ts';

const WITHIN_MS = 10_000;
/** Further ones are not waited for. */
const MAX_AT_ONCE = 16;

/** Answers verified blocks without BATs; `undefined` where none is found in time. */
export function fetchPublicFrom(kubo: Pick<Kubo, 'get'>): FetchPublic {
  let atOnce = 0;
  return async (cid, signal) => {
    if (atOnce >= MAX_AT_ONCE || cid.isIdentity) return undefined;
    atOnce++;
    try {
      const bytes = await kubo.get(cid, WITHIN_MS, signal);
      return (await isPublic(cid, bytes)) ? bytes : undefined;
    } catch {
      return undefined;
    } finally {
      atOnce--;
    }
  };
}
