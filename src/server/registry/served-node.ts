/**
 * The node as others see it once it keeps the registry: names are answered from the registry's copy,
 * and who mirrors from here gets the registry's pointers and blocks. An account at home here is
 * answered from its own records, which are never behind.
 */
import { decodeBlock } from '#lib/codec/index.ts';
import { RegistryUnknown, usernameListOf } from '#lib/name-registry/index.ts';
import type { NameRegistry } from '#lib/name-registry/index.ts';
import type { NodeNames, StorageNode } from '#lib/node/index.ts';
import type { NameAuthority } from '#lib/node-local/index.ts';
import { claimChainFromCbor, parseRequest } from '#lib/protocol/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';

export interface ServedNodeDeps {
  readonly local: StorageNode;
  readonly names: NameRegistry;
  readonly authority: NameAuthority;
  /** Asked while nothing was mirrored yet; absent where this node is the registry. */
  readonly remote?: StorageNode | undefined;
}

export function servedNode(deps: ServedNodeDeps): StorageNode {
  const { local, names } = deps;
  return {
    ...local,
    names: servedNames(deps),
    pointers: {
      ...local.pointers,
      get: async (owner, writer, options) =>
        (await local.pointers.get(owner, writer, options)) ?? names.pointer(writer),
    },
    blocks: {
      ...local.blocks,
      get: async (owner, cid, bat, signal) => {
        const own = owner.equals(names.identity) ? await names.block(cid) : undefined;
        // A block of the registry is as unverified to its reader as any other.
        if (own !== undefined) return own as Awaited<ReturnType<typeof local.blocks.get>>;
        return local.blocks.get(owner, cid, bat, signal);
      },
    },
  };
}

function servedNames(deps: ServedNodeDeps): NodeNames {
  const { local, names, authority } = deps;
  const chain = (name: string) => chainOf(deps, name);
  return {
    chain,
    publicKey: async (name) => linksOf(await chain(name)).at(-1)?.owner,
    nameOf: async (identity) =>
      (await local.names.nameOf(identity)) ??
      orRemote(deps, names.nameOf(identity), (remote) => remote.nameOf(identity)),
    usernames: () => orRemote(deps, Array.fromAsync(names.names()), (remote) => remote.usernames()),
    usernameList: () =>
      orRemote(deps, names.list(), async (remote) => usernameListOf(await remote.usernames())),
    registryDifference: (...asked) => names.difference(...asked),
    updateChain: async (name, update, work, token) => {
      const links = parseRequest('The claim chain', () => claimChainFromCbor(update));
      const isOurs =
        linksOf(await local.names.chain(name)).length > 0 || (await isHere(deps, links));
      if (isOurs) await local.names.updateChain(name, update, work, token);
      else await authority.register(name, update, work, token);
    },
    migrate: (request) => local.names.migrate(request),
    ...(local.names.mirror === undefined ? {} : { mirror: local.names.mirror.bind(local.names) }),
    ...(local.names.migrateInSteps === undefined
      ? {}
      : { migrateInSteps: local.names.migrateInSteps.bind(local.names) }),
  };
}

async function chainOf(deps: ServedNodeDeps, name: string): Promise<Uint8Array> {
  const { local, names } = deps;
  const own = await local.names.chain(name);
  const links = linksOf(own);
  if (links.length > 0 && (await isHere(deps, links))) return own;
  const registered = await orRemote(deps, names.chain(name), (remote) => remote.chain(name));
  return links.length > 0 && linksOf(registered).length === 0 ? own : registered;
}

async function orRemote<T>(
  { remote }: ServedNodeDeps,
  here: Promise<T>,
  there: (names: NodeNames) => Promise<T>,
): Promise<T> {
  try {
    return await here;
  } catch (error) {
    if (remote === undefined || !(error instanceof RegistryUnknown)) throw error;
    return there(remote.names);
  }
}

/** Whether the last claim names this node as home. */
async function isHere(
  { local }: ServedNodeDeps,
  links: readonly UserPublicKeyLink[],
): Promise<boolean> {
  const home = links.at(-1)?.claim.storageProviders[0];
  return home !== undefined && (await local.blocks.nodeIds()).some((id) => id.equals(home));
}

function linksOf(chain: Uint8Array): UserPublicKeyLink[] {
  return claimChainFromCbor(decodeBlock(chain));
}
