/**
 * The registry of all names as this server keeps it: mirrored from where the settings say, or held
 * here for a private network. Any number of processes on the same records may do the same steps.
 */
import type { Random } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import {
  compareStates,
  mirrorStep,
  NameRegistry,
  nodeSource,
  OPERATOR_NAME,
  OwnRegistry,
  RegistryRefused,
  registryStateFromHeader,
  registryStateToHeader,
} from '#lib/name-registry/index.ts';
import type { RefusedState, RegistrySource } from '#lib/name-registry/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import type { LocalNode, NameAuthority } from '#lib/node-local/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import { failureFields } from '../observe/log.ts';
import type { Log } from '../observe/log.ts';
import { nodeAt } from '../p2p/index.ts';
import { BadSetting } from '../settings/settings.ts';
import type { NodeSettings } from '../settings/settings.ts';
import { ownAuthority, registerOwnAccount, remoteAuthority } from './authority.ts';
import { registerAccounts, registerWithWork } from './register-accounts.ts';
import { servedNode } from './served-node.ts';
import { WorkFactor } from './work-factor.ts';

/** The node of an id, if the operator named it. */
type NodeOf = (nodeId: Cid) => Promise<StorageNode | undefined>;

export interface RegistryDeps {
  readonly records: RecordStore;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly random: Random;
  readonly log: Log;
  /** This node without the registry. */
  readonly local: LocalNode;
  readonly nodeOf: NodeOf;
}

/** What became of the last step, and what is served. */
export interface RegistryStatus {
  /** Sequence number of the state that is served; 0: none is. */
  readonly sequence: number;
  /** Why the registry's newest state is not taken. */
  readonly refused: string | undefined;
  /** When the registry last showed a state that was taken, or was the one served; 0: never. */
  readonly seenMs: number;
}

export interface ServerRegistry {
  readonly names: NameRegistry;
  readonly authority: NameAuthority;
  status(): RegistryStatus;
  /** The node as others are to see it. */
  serve(local: StorageNode): StorageNode;
  /** Brings the copy up to date; never rejects, but says in the log what went wrong. */
  step(signal?: AbortSignal): Promise<void>;
  /** What goes along with calls to other nodes, in `REGISTRY_STATE_HEADER`. */
  told(): Promise<string | undefined>;
  /** Looks into what another node told: a fork is proved and kept, a later state taken if it is legal. */
  hear(header: string | null | undefined, from: StorageNode): Promise<void>;
}

/** Undefined where the settings name no registry. Throws {@link BadSetting}. */
export async function openRegistry(
  settings: NodeSettings,
  deps: RegistryDeps,
): Promise<ServerRegistry | undefined> {
  const { registry } = settings;
  if (registry === undefined) return undefined;
  if (registry.at === 'self') return openOwn(settings, deps);
  return openMirror(settings, deps, await registryNode(settings, deps.clock, deps.nodeOf));
}

/** The node that is the registry, or a mirror of it. Throws {@link BadSetting}. */
export async function registryNode(
  { registry }: NodeSettings,
  clock: () => number,
  nodeOf: NodeOf,
): Promise<StorageNode> {
  if (registry?.at === 'url') return nodeAt(registry.url, clock);
  const node = registry?.at === 'node' ? await nodeOf(registry.nodeId) : undefined;
  if (node !== undefined) return node;
  throw new BadSetting('The registry is the id of a node that is no --peer.');
}

/** The pin of a registry elsewhere. Throws {@link BadSetting}. */
export function registryIdentity({ registryKey }: NodeSettings) {
  if (registryKey !== undefined) return registryKey;
  throw new BadSetting('A registry elsewhere needs --registry-key: "check" there says the key.');
}

async function openOwn(settings: NodeSettings, deps: RegistryDeps): Promise<ServerRegistry> {
  const { records, clock, random, local, log } = deps;
  const nodeId = (): Promise<Cid> => local.blocks.nodeId();
  if ((await records.get('names', OPERATOR_NAME)) !== undefined) {
    throw new BadSetting(
      `This node has an account "${OPERATOR_NAME}", so it cannot be a registry, whose name that is.`,
    );
  }
  const own = new OwnRegistry({ records, clock, random, nodeId });
  const identity = await own.open();
  const names = new NameRegistry({ records, clock, identity });
  const work = new WorkFactor(clock, settings.signUpWorkBits);
  const authorityDeps = { own, names, work };
  const status = new Status(clock);
  const done = new Set<string>();
  return {
    names,
    authority: ownAuthority(authorityDeps),
    status: () => status.now,
    serve: (node) => servedNode({ local: node, names, authority: ownAuthority(authorityDeps) }),
    step: async () => {
      try {
        const register = (name: string, chain: Uint8Array) =>
          registerOwnAccount(authorityDeps, name, chain);
        await registerAccounts({ local, names, register, done, log });
        status.took((await names.state())?.pkiSequence ?? 0);
      } catch (error) {
        log.error('registering names failed', failureFields(error));
      }
    },
    told: () => toldState(names),
    // Nobody else can sign for this node.
    hear: () => Promise.resolve(),
  };
}

function openMirror(
  settings: NodeSettings,
  { records, clock, log, local }: RegistryDeps,
  remote: StorageNode,
): ServerRegistry {
  const identity = registryIdentity(settings);
  const names = new NameRegistry({ records, clock, identity });
  const source = nodeSource(remote);
  const status = new Status(clock);
  const refused: RefusedState = {};
  const done = new Set<string>();
  let underWay: Promise<void> | undefined;
  const once = async (signal?: AbortSignal, from = source): Promise<void> => {
    try {
      const taken = await mirrorStep({ records, clock, identity, source: from, refused }, signal);
      status.took(taken.state.pkiSequence);
      await names.noteRefusal(undefined);
      if (taken.added > 0 || taken.changed.length > 0) {
        const { added, changed } = taken;
        log.info('names mirrored', { added, changed: changed.length });
        await adoptAll(local, names, changed, log);
      }
      const register = (name: string, chain: Uint8Array) =>
        registerWithWork({ register: remote.names.updateChain.bind(remote.names) }, name, chain);
      await registerAccounts({ local, names, register, done, log });
    } catch (error) {
      if (signal?.aborted === true) return;
      if (error instanceof RegistryRefused && status.refused(error.message)) {
        await names.noteRefusal(error.message).catch(() => undefined);
        log.error('the registry was refused', { reason: error.message });
      } else if (!(error instanceof RegistryRefused)) {
        log.warn('names could not be mirrored', failureFields(error));
      }
    }
  };
  const step = (signal?: AbortSignal, from?: RegistrySource): Promise<void> =>
    // What was asked for before an update does not tell of it: the next step begins after that one.
    (underWay = (underWay ?? Promise.resolve()).then(() => once(signal, from)));
  const authority = remoteAuthority(remote, names, () => step());
  return {
    names,
    authority,
    status: () => status.now,
    serve: (node) => servedNode({ local: node, names, authority, remote }),
    step,
    told: () => toldState(names),
    hear: async (header, from) => {
      const theirs = registryStateFromHeader(header);
      const ours = await names.state();
      if (theirs === undefined || ours === undefined) return;
      const order = compareStates(ours, theirs);
      // Only what both keys signed counts, so the other node is asked for that.
      if (order === 'forked' || order === 'ahead') await step(undefined, nodeSource(from));
    },
  };
}

/** Claims of accounts here that were changed at other nodes. */
async function adoptAll(
  local: LocalNode,
  names: NameRegistry,
  changed: readonly string[],
  log: Log,
): Promise<void> {
  for (const name of changed) {
    try {
      await local.adoptChain(name, await names.chain(name));
    } catch (error) {
      log.error('a changed name could not be taken over', failureFields(error));
    }
  }
}

async function toldState(names: NameRegistry): Promise<string | undefined> {
  const state = await names.state();
  return state === undefined ? undefined : registryStateToHeader(state);
}

class Status {
  readonly #clock: () => number;
  now: RegistryStatus = { sequence: 0, refused: undefined, seenMs: 0 };

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  took(sequence: number): void {
    this.now = { sequence, refused: undefined, seenMs: this.#clock() };
  }

  /** Whether that is news. */
  refused(reason: string): boolean {
    const isNew = this.now.refused !== reason;
    this.now = { ...this.now, refused: reason };
    return isNew;
  }
}
