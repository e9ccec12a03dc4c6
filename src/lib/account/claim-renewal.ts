/**
 * Keeping the claim to one's name fresh (B-2 §3, §7): renewed when less than a month is left, and
 * pointed at the node's newest id when the node has changed its own.
 *
 * Nodes never compare the expiry with today, so a claim that could not be renewed does no harm.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { asList, decodeBlock, type Cid } from '#lib/codec/index.ts';
import {
  claimChainFromCbor,
  claimChainToCbor,
  createClaimLink,
  followSuccession,
  openNodeRecord,
  verifyClaimChain,
} from '#lib/protocol/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';
import type { AccountDeps, Session } from './session.ts';

/** A claim is good for this long (B-2 §3). */
const CLAIM_MONTHS = 2;
/** It is renewed when less than this is left. */
const RENEWAL_MONTHS = 1;

/** Renewals, new homes and new identities cost no work, but a proof is part of the call (B-2 §5). */
export const NO_WORK = { prefix: new Uint8Array(8) };

/** ISO date some months after a moment. */
export function claimExpiry(nowMs: number, months = CLAIM_MONTHS): string {
  const date = new Date(nowMs);
  date.setUTCMonth(date.getUTCMonth() + months);
  return date.toISOString().slice(0, 10);
}

/** Renews the claim if it is time. `true`: it was renewed. */
export async function renewClaim(deps: AccountDeps, session: Session): Promise<boolean> {
  const { node, clock } = deps;
  const { username, identity } = session;
  const chain = claimChainFromCbor(
    asList(decodeBlock(await node.names.chain(username)), 'a chain'),
  );
  await verifyClaimChain(chain, username);
  const last = chain.at(-1);
  // Somebody else's chain: a former identity of a renamed account, or a lying node.
  if (last === undefined || !last.owner.equals(identity.hash)) return false;
  const home = await newestHome(deps, last);
  if (home === undefined) return false;
  const soon = claimExpiry(clock(), RENEWAL_MONTHS);
  const isFresh = latest(last.claim.expiry, soon) === last.claim.expiry;
  if (isFresh && last.claim.storageProviders[0]?.equals(home) === true) return false;
  const expiry = latest(claimExpiry(clock()), last.claim.expiry);
  const claim = { username, expiry, storageProviders: [home] };
  const renewed = [...chain.slice(0, -1), await createClaimLink(identity, claim)];
  await node.names.updateChain(username, claimChainToCbor(renewed), NO_WORK, '');
  return true;
}

/**
 * The id to claim: this node's newest if the claim names this node, undefined for another node. That
 * a node's newest id is the claimed one's successor is said by the claimed one's own key: else a
 * server at which its owner is a guest could take the account.
 */
async function newestHome(
  { node, clock }: AccountDeps,
  { claim }: UserPublicKeyLink,
): Promise<Cid | undefined> {
  const [home] = claim.storageProviders;
  const ids = await node.blocks.nodeIds();
  if (home === undefined || !ids.some((id) => home.equals(id))) return undefined;
  const newest = ids.at(-1);
  if (newest === undefined || newest.equals(home)) return home;
  try {
    const line = await followSuccession(home, async (id) => {
      const signed = await node.blocks.nodeRecord(id);
      return signed && openNodeRecord(id, signed, clock());
    });
    return line.some((id) => id.toPeerId() === newest.toPeerId()) ? newest : home;
  } catch (error) {
    // A record that is missing or not believed: the claim goes on naming the old id.
    if (error instanceof PyrgosError) return home;
    throw error;
  }
}

/** Expiries of our days compare as texts; years of more digits begin with a plus and are later. */
function latest(a: string, b: string): string {
  const order = (text: string): string => (text.startsWith('+') ? `~${text}` : text);
  return order(a) > order(b) ? a : b;
}
