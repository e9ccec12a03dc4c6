/** Who registers names: this node, as the registry of a private network, or the node that is it. */
import { decodeBlock } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import type { KeyLookup } from '#lib/crypto/index.ts';
import type { NameRegistry, OwnRegistry } from '#lib/name-registry/index.ts';
import type { ProofOfWork, StorageNode } from '#lib/node/index.ts';
import type { NameAuthority } from '#lib/node-local/index.ts';
import {
  BadName,
  claimChainFromCbor,
  isValidUsername,
  mergeClaimChains,
  NameTaken,
  parseRequest,
  verifyClaimChain,
} from '#lib/protocol/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';
import type { WorkFactor } from './work-factor.ts';

/** A chain that grows beyond this costs work like a new name (B-2 §5). */
const FREE_LINKS = 10;

export interface OwnAuthorityDeps {
  readonly own: OwnRegistry;
  readonly names: NameRegistry;
  readonly work: WorkFactor;
  /** Keys of the first accounts, which their names do not contain. */
  readonly lookup?: KeyLookup;
}

/**
 * This node as the registry: the rules of B-2 §2 to §5 for every update. Tighter than the reference:
 * a first chain has to be valid, and an identity has one name.
 */
export function ownAuthority({ own, names, work, lookup }: OwnAuthorityDeps): NameAuthority {
  return {
    chain: (name) => names.chain(name),
    register: async (name, chain, proof) => {
      const links = parseRequest('The claim chain', () => claimChainFromCbor(chain));
      await own.update(name, async (existing) => {
        const isNew = existing.length === 0;
        if (isNew) {
          if (!isValidUsername(name)) throw new BadName('This user name is not possible.');
          await verifyClaimChain(links, name, lookup);
        }
        await requireNameless(names, name, links);
        if (isNew || existing.length > FREE_LINKS) work.require(chain, proof);
        const merged = await mergeClaimChains(existing, links, name, lookup);
        if (isNew) work.note();
        return merged;
      });
    },
  };
}

/** Registers what this node's accounts have already, without work: they were admitted here. */
export async function registerOwnAccount(
  { own, names, lookup }: OwnAuthorityDeps,
  name: string,
  registered: Uint8Array,
): Promise<void> {
  const links = claimChainFromCbor(decodeBlock(registered));
  await own.update(name, async (existing) => {
    await requireNameless(names, name, links);
    return mergeClaimChains(existing, links, name, lookup);
  });
}

async function requireNameless(
  names: NameRegistry,
  name: string,
  links: readonly UserPublicKeyLink[],
): Promise<void> {
  for (const { owner } of links) {
    const other = await names.nameOf(owner);
    if (other !== undefined && other !== name) {
      throw new NameTaken('This identity has a name already.');
    }
  }
}

/** Another node as the registry: what it registered is mirrored at once. */
export function remoteAuthority(
  remote: StorageNode,
  names: NameRegistry,
  mirror: () => Promise<void>,
): NameAuthority {
  return {
    chain: async (name) => {
      // What was registered a moment ago elsewhere matters here, so the registry itself is asked.
      const known = (await names.state()) === undefined ? undefined : await names.chain(name);
      const isFree = known === undefined || claimChainFromCbor(decodeBlock(known)).length === 0;
      return isFree ? remote.names.chain(name) : known;
    },
    register: async (name: string, chain: CborValue, work: ProofOfWork, token: string) => {
      await remote.names.updateChain(name, chain, work, token);
      await mirror();
    },
  };
}
