/**
 * The node that users talk to (B-1 §3.1): it answers for accounts that have their home here, and
 * passes the calls marked P in B-1 §2 to the home of all others. It takes nothing that comes from
 * there for true, nor keeps it: the client at the end verifies, as of any node.
 *
 * Not passed on: the node's ids, what an object store offers, sizes of blocks, payments and requests
 * for space, messages to the operator, what the operator does.
 */
import { encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { NodeBlocks, NodeNames, StorageNode, UnverifiedBlock } from '#lib/node/index.ts';
import {
  claimChainFromCbor,
  claimChainToCbor,
  HomeServerAway,
  NameTaken,
  parseRequest,
} from '#lib/protocol/index.ts';
import { Forwarding } from './forwarding.ts';
import type { Call, FetchPublic, ForwardingDeps } from './forwarding.ts';
import type { HomeFinder } from './home-finder.ts';

export interface ForwardingNode extends StorageNode {
  /** Homes are looked up anew: some account here has moved. */
  forgetHomes(): void;
}

/**
 * A node for users. A home that cannot be asked is {@link HomeServerAway}, whatever the reason; its
 * refusals are its own.
 */
export function createForwardingNode(deps: ForwardingDeps): ForwardingNode {
  const forwarding = new Forwarding(deps);
  return {
    forgetHomes: () => forwarding.homes.forget(),
    ...deps.local,
    ...forwardedByOwner(deps, forwarding),
    ...forwardedByName(deps, forwarding),
    names: namesOf(deps, forwarding),
  };
}

type ByOwner = Pick<StorageNode, 'blocks' | 'pointers' | 'bats' | 'inbox' | 'links' | 'space'>;

function forwardedByOwner(
  { local: { blocks, space }, fetchPublic }: ForwardingDeps,
  forwarding: Forwarding,
): ByOwner {
  const ask = <T>(owner: KeyHash, call: Call<T>): Promise<T> => forwarding.byOwner(owner, call);
  const look = <T>(owner: KeyHash, call: Call<T>): Promise<T> => forwarding.read(owner, call);
  const here = (owner: KeyHash): Promise<void> => forwarding.requireHere(owner);
  return {
    blocks: {
      ...(blocks.parallelPuts === undefined ? {} : { parallelPuts: blocks.parallelPuts }),
      nodeId: () => blocks.nodeId(),
      nodeIds: () => blocks.nodeIds(),
      nodeRecord: (nodeId) => blocks.nodeRecord(nodeId),
      properties: () => blocks.properties(),
      peerAddresses: async () => (await blocks.peerAddresses?.()) ?? [],
      sizeBytes: (owner, cid) => blocks.sizeBytes(owner, cid),
      authoriseWrites: async (...call) => {
        await here(call[0]);
        return blocks.authoriseWrites(...call);
      },
      authoriseReads: async (...call) => {
        await here(call[0]);
        return blocks.authoriseReads(...call);
      },
      startTransaction: (...call) => ask(call[0], (it) => it.blocks.startTransaction(...call)),
      closeTransaction: (...call) => ask(call[0], (it) => it.blocks.closeTransaction(...call)),
      put: (...call) => ask(call[0], (it) => it.blocks.put(...call)),
      get: (...call) =>
        getOrFetch(
          look(call[0], (it) => it.blocks.get(...call)),
          call,
          fetchPublic,
        ),
      champLookup: (...call) => look(call[0], (it) => it.blocks.champLookup(...call)),
    },
    pointers: {
      // Many users share the client of a peer: none may be answered what it read for another.
      get: (owner, writer, question) =>
        look(owner, (it) => it.pointers.get(owner, writer, { ...question, isFresh: true })),
      set: (...call) => ask(call[0], (it) => it.pointers.set(...call)),
      setMany: (...call) => ask(call[0], (it) => it.pointers.setMany(...call)),
    },
    bats: {
      list: (...call) => look(call[0], (it) => it.bats.list(...call)),
      add: (...call) => ask(call[0], (it) => it.bats.add(...call)),
    },
    inbox: {
      send: (...call) => ask(call[0], (it) => it.inbox.send(...call)),
      list: (...call) => ask(call[0], (it) => it.inbox.list(...call)),
      remove: (...call) => ask(call[0], (it) => it.inbox.remove(...call)),
    },
    links: {
      get: (...call) => ask(call[0], (it) => it.links.get(...call)),
      host: (...call) => ask(call[0], (it) => it.links.host(...call)),
      published: (...call) => forwarding.byName(call[0], (it) => it.links.published(...call)),
    },
    space: {
      usageBytes: (...call) => look(call[0], (it) => it.space.usageBytes(...call)),
      quotaBytes: (...call) => look(call[0], (it) => it.space.quotaBytes(...call)),
      payment: (...call) => space.payment(...call),
      request: (...call) => space.request(...call),
    },
  };
}

/** A block that is read without a BAT may be public, and then others have it while its home is away. */
async function getOrFetch(
  asked: Promise<UnverifiedBlock | undefined>,
  [, cid, bat, signal]: Parameters<NodeBlocks['get']>,
  fetchPublic: FetchPublic | undefined,
): Promise<UnverifiedBlock | undefined> {
  try {
    return await asked;
  } catch (error) {
    const mayBePublic = error instanceof HomeServerAway && bat === undefined;
    const found = mayBePublic ? await fetchPublic?.(cid, signal) : undefined;
    if (found === undefined) throw error;
    return found as UnverifiedBlock;
  }
}

type ByName = Pick<StorageNode, 'accounts' | 'secondFactors'>;

function forwardedByName(deps: ForwardingDeps, forwarding: Forwarding): ByName {
  const { local, directory, admitsGuests } = deps;
  const ask = <T>(name: string, call: Call<T>): Promise<T> => forwarding.byName(name, call);
  return {
    accounts: {
      signUp: async (request) => {
        const taken = await directory.chainOf(request.username);
        if (
          taken !== undefined &&
          (await forwarding.homes.ofName(request.username)) !== undefined
        ) {
          throw new NameTaken('This user name is taken.');
        }
        await local.accounts.signUp(request);
      },
      getLogin: async (...call) => {
        if (!admitsGuests) await forwarding.requireNameHere(call[0]);
        try {
          return await ask(call[0], (it) => it.accounts.getLogin(...call));
        } catch (error) {
          const { copies } = deps;
          const owner = await local.names.publicKey(call[0]);
          if (copies === undefined || owner === undefined) throw error;
          await forwarding.requireCopy(owner, error);
          return copies.getLogin(...call);
        }
      },
      setLogin: (...call) => ask(call[0], (it) => it.accounts.setLogin(...call)),
    },
    secondFactors: {
      list: (...call) => ask(call[0], (it) => it.secondFactors.list(...call)),
      addTotp: (...call) => ask(call[0], (it) => it.secondFactors.addTotp(...call)),
      enableTotp: (...call) => ask(call[0], (it) => it.secondFactors.enableTotp(...call)),
      addMount: (...call) => ask(call[0], (it) => it.secondFactors.addMount(...call)),
      enableMount: (...call) => ask(call[0], (it) => it.secondFactors.enableMount(...call)),
      generateBackupCodes: (...call) =>
        ask(call[0], (it) => it.secondFactors.generateBackupCodes(...call)),
      startSecurityKey: (...call) =>
        ask(call[0], (it) => it.secondFactors.startSecurityKey(...call)),
      completeSecurityKey: (...call) =>
        ask(call[0], (it) => it.secondFactors.completeSecurityKey(...call)),
      remove: (...call) => ask(call[0], (it) => it.secondFactors.remove(...call)),
    },
  };
}

/**
 * Names are never asked of other nodes: that would tell them who is looked for. Those registered
 * here, then those of the directory.
 */
function namesOf({ local, directory }: ForwardingDeps, forwarding: Forwarding): NodeNames {
  const { names } = local;
  const { homes } = forwarding;
  return {
    publicKey: async (name, signal) =>
      (await names.publicKey(name, signal)) ?? (await directory.chainOf(name))?.at(-1)?.owner,
    nameOf: async (identity) =>
      (await names.nameOf(identity)) ?? (await directory.usernameOf(identity)),
    chain: async (name, signal) => {
      const here = await homes.localChain(name);
      if (here.length > 0) return names.chain(name, signal);
      return encodeCbor(claimChainToCbor((await directory.chainOf(name)) ?? []));
    },
    usernames: async () => {
      const elsewhere = (await directory.usernames?.()) ?? [];
      return [...new Set([...(await names.usernames()), ...elsewhere])];
    },
    updateChain: async (...call) => {
      const isRecovery = await namesThisNode(homes, call[0], call[1]);
      if (isRecovery) await names.updateChain(...call);
      else await forwarding.byName(call[0], (it) => it.names.updateChain(...call));
      homes.forget();
    },
    migrate: async (request) => {
      const snapshot = await names.migrate(request);
      homes.forget();
      return snapshot;
    },
    ...(names.mirror === undefined ? {} : { mirror: names.mirror.bind(names) }),
    ...(names.migrateInSteps === undefined
      ? {}
      : {
          migrateInSteps: async (...call) => {
            const step = await names.migrateInSteps!(...call);
            if (step.phase === 'done') homes.forget();
            return step;
          },
        }),
  };
}

/** Whether a claim leads an account back to this node, which has a copy of it: its home need not agree. */
async function namesThisNode(homes: HomeFinder, name: string, update: CborValue): Promise<boolean> {
  if ((await homes.localChain(name)).length === 0) return false;
  const links = parseRequest('The claim chain', () => claimChainFromCbor(update));
  const home = links.at(-1)?.claim.storageProviders[0];
  return home !== undefined && homes.isOwn(home);
}
