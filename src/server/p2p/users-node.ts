/**
 * The node that users talk to where there is a way to others: names as the registry has them, if
 * this node keeps one, and calls passed on to the homes of their owners.
 */
import { decodeBlock } from '#lib/codec/index.ts';
import { createForwardingNode, EMPTY_DIRECTORY } from '#lib/forwarding/index.ts';
import type { FetchPublic, ForwardingNode, NameDirectory } from '#lib/forwarding/index.ts';
import type { LocalNode } from '#lib/node-local/index.ts';
import type { NodeNames, StorageNode } from '#lib/node/index.ts';
import { claimChainFromCbor } from '#lib/protocol/index.ts';
import type { NodeSettings } from '../settings/settings.ts';
import { noteCopy } from './answers-of-copies.ts';
import type { PeerNetwork } from './peer-network.ts';

export interface UsersNodeDeps {
  /** The local node. */
  readonly node: LocalNode;
  /** The same with what it keeps of the registry; the same object without one. */
  readonly served: StorageNode;
  readonly network: PeerNetwork;
  readonly settings: NodeSettings;
  readonly clock: () => number;
  /** Names registered elsewhere, where this node keeps no registry. */
  readonly directory: NameDirectory | undefined;
  /** Where public blocks of homes that are away may be had. */
  readonly fetchPublic: FetchPublic | undefined;
}

export function usersNode(deps: UsersNodeDeps): ForwardingNode {
  const { node, served, network, settings, clock, fetchPublic } = deps;
  const { directory = EMPTY_DIRECTORY } = deps;
  const hasRegistry = served !== node;
  const forwarding = createForwardingNode({
    // Which accounts are here is said by the node's own records alone.
    local: { ...served, names: node.names },
    directory: hasRegistry ? directoryOf(served.names) : directory,
    transport: network.transport,
    clock,
    admitsGuests: settings.guests,
    copies: node.copies,
    onCopy: noteCopy,
    fetchPublic,
  });
  // Changes of names go to the registry, wherever the home is.
  return hasRegistry ? { ...forwarding, names: served.names } : forwarding;
}

/** The node as peers see it, which tells when an account has left by their asking for it (B-2 §12). */
export function tellingMoves(node: StorageNode, onMove: () => void): StorageNode {
  const { names } = node;
  return {
    ...node,
    names: {
      ...names,
      migrate: async (request) => {
        const snapshot = await names.migrate(request);
        if (request.isCommit) onMove();
        return snapshot;
      },
    },
  };
}

/** What a registry that was mirrored says; its chains are verified when they are taken in. */
function directoryOf(names: NodeNames): NameDirectory {
  return {
    usernameOf: (owner) => names.nameOf(owner),
    chainOf: async (name) => {
      const chain = claimChainFromCbor(decodeBlock(await names.chain(name)));
      return chain.length === 0 ? undefined : chain;
    },
  };
}
