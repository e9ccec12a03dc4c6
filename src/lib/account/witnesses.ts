/**
 * Other nodes as witnesses of who is who: a node that lies to this account alone is found out by a
 * second one that does not. A witness that is away, or has not heard of the name yet, says nothing.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import type { NodeNames } from '#lib/node/index.ts';
import { BadClaimChain, mergeClaimChains, openClaimChain } from '#lib/protocol/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';
import { IdentityDisputed } from './errors.ts';

/** A node that is asked for the chain of a name. */
export type NameWitness = Pick<NodeNames, 'chain'>;

type Chain = readonly UserPublicKeyLink[];

/**
 * The chain that the node shows, or the later one that a witness shows. Throws
 * {@link IdentityDisputed} where one of them is no continuation of the other.
 */
export async function witnessed(
  shown: Chain,
  username: string,
  witnesses: readonly NameWitness[],
  signal?: AbortSignal,
): Promise<Chain> {
  let chain = shown;
  for (const said of await Promise.all(witnesses.map((it) => saidBy(it, username, signal)))) {
    if (said !== undefined) chain = await laterOf(chain, said, username);
  }
  return chain;
}

async function saidBy(
  witness: NameWitness,
  username: string,
  signal: AbortSignal | undefined,
): Promise<Chain | undefined> {
  try {
    return await openClaimChain(await witness.chain(username, signal), username);
  } catch (error) {
    signal?.throwIfAborted();
    // A chain that proves nothing is no evidence against one that does.
    if (error instanceof PyrgosError) return undefined;
    throw error;
  }
}

async function laterOf(one: Chain, other: Chain, username: string): Promise<Chain> {
  const result = (await continued(one, other, username)) ?? (await continued(other, one, username));
  if (result === undefined) throw new IdentityDisputed(username);
  return result;
}

/** The chain with what the update adds; undefined: it is no update of it. */
async function continued(
  chain: Chain,
  update: Chain,
  username: string,
): Promise<Chain | undefined> {
  try {
    return await mergeClaimChains(chain, update, username);
  } catch (error) {
    if (error instanceof BadClaimChain) return undefined;
    throw error;
  }
}
