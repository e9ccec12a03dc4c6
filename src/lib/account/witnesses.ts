/**
 * Other nodes as witnesses of who is who: a node that lies to this account alone is found out by a
 * second one that does not. A witness that is away, or has not heard of the name yet, says nothing.
 */
import { PyrgosError, toHex } from '#lib/bytes/index.ts';
import { sha256Now } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { NodeNames } from '#lib/node/index.ts';
import { BadClaimChain, mergeClaimChains, openClaimChain } from '#lib/protocol/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';
import { IdentityDisputed } from './errors.ts';

/** A node that is asked for the chain of a name. */
export interface NameWitness extends Pick<NodeNames, 'chain'> {
  /** As people call it. */
  readonly label?: string;
}

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
  const said = await Promise.all(witnesses.map((it) => saidBy(it, username, signal)));
  for (const [at, other] of said.entries()) {
    if (other === undefined) continue;
    const later = await laterOf(chain, other, username);
    if (later === undefined) {
      const keys = { shown: fingerprintOf(chain), said: fingerprintOf(other) };
      throw new IdentityDisputed(username, { ...keys, witness: witnesses[at]?.label });
    }
    chain = later;
  }
  return chain;
}

/** A name of which two nodes say different things; keys by their fingerprints. */
export interface DisputedName {
  readonly username: string;
  readonly shown: string;
  readonly said: string;
}

export interface Comparison {
  /** Names of which both nodes say the same, or one of them something later. */
  readonly agreed: number;
  /** Names that the witness does not know, or says nothing provable of. */
  readonly unknown: number;
  readonly disputed: readonly DisputedName[];
}

const COMPARED_AT_ONCE = 8;

/**
 * Compares what a node and a witness say of each of these names. Throws what keeps the node's own
 * answers away.
 */
export async function compareNames(
  names: Pick<NodeNames, 'chain'>,
  witness: NameWitness,
  usernames: readonly string[],
  signal?: AbortSignal,
): Promise<Comparison> {
  let [agreed, unknown] = [0, 0];
  const disputed: DisputedName[] = [];
  const left = [...usernames];
  const compare = async (): Promise<void> => {
    for (let username = left.pop(); username !== undefined; username = left.pop()) {
      const shown = await openClaimChain(await names.chain(username, signal), username);
      const said = await saidBy(witness, username, signal);
      if (said === undefined) unknown++;
      else if ((await laterOf(shown, said, username)) !== undefined) agreed++;
      else {
        disputed.push({ username, shown: fingerprintOf(shown), said: fingerprintOf(said) });
      }
    }
  };
  await Promise.all(Array.from({ length: COMPARED_AT_ONCE }, compare));
  return { agreed, unknown, disputed };
}

const FINGERPRINT_BYTES = 16;

/** A key as two people read it to each other: eight groups of four hex digits of its hash. */
export function keyFingerprint(key: KeyHash): string {
  const hex = toHex(sha256Now(key.bytes).subarray(0, FINGERPRINT_BYTES));
  return hex.replaceAll(/(.{4})(?=.)/gu, '$1 ');
}

function fingerprintOf(chain: Chain): string {
  const owner = chain.at(-1)?.owner;
  return owner === undefined ? '' : keyFingerprint(owner);
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

/** Undefined: neither is a continuation of the other. */
async function laterOf(one: Chain, other: Chain, username: string): Promise<Chain | undefined> {
  return (await continued(one, other, username)) ?? (await continued(other, one, username));
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
