/**
 * What the node of an account says of itself, as far as it is proved or does no harm: addresses that
 * name its own key, and forks of the registry whose two signatures hold.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import type { TrustStore } from '#lib/account/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { isForkProved, pointerStateOf } from '#lib/protocol/index.ts';
import type { RegistryReport } from '#lib/protocol/index.ts';
import { formatMultiaddr, looksLikeMultiaddr, parseMultiaddr } from '#lib/webrtc/index.ts';
import type { NodeFacts, ProvenFork, RegistryFacts } from '../../types.ts';

/** The name that the registry's operator has everywhere (B-2 §8). */
const OPERATOR = 'peergos';

/** The registry of names signed two states of one number. */
export class RegistryForkProved extends PyrgosError {
  override readonly name = 'RegistryForkProved';
  override readonly kind = 'refused';
  constructor({ sequence }: ProvenFork) {
    super(
      `The registry of names signed two different states number ${sequence}: it lied to somebody. ` +
        'Compare safety numbers with people before you share with somebody new.',
    );
  }
}

export interface NodeFactsDeps {
  readonly node: StorageNode;
  /** Origin of the server, or multiaddr of the node. */
  readonly server: string | undefined;
  readonly trust: TrustStore;
}

/** Asks the node. Throws what keeps its answers away. */
export async function nodeFacts(
  { node, server, trust }: NodeFactsDeps,
  signal?: AbortSignal,
): Promise<NodeFacts> {
  const ids = await node.blocks.nodeIds();
  const report = await node.admin.report?.(signal);
  const own = server !== undefined && looksLikeMultiaddr(server) ? [server] : [];
  const told = (report?.addresses ?? []).flatMap((it) => ofThisNode(it, ids));
  const registry = report?.registry;
  return {
    id: ids.at(-1)?.toPeerId() ?? '',
    addresses: [...new Set([...own, ...told])],
    ...(registry === undefined ? {} : { registry: await registryFacts(registry, node, trust) }),
  };
}

/** An address with the key of another node would lead people elsewhere. */
function ofThisNode(text: string, ids: readonly Cid[]): string[] {
  try {
    const address = parseMultiaddr(text);
    const isOwn = ids.some((id) => id.toPeerId() === address.peer.toPeerId());
    return isOwn ? [formatMultiaddr(address)] : [];
  } catch (error) {
    if (error instanceof PyrgosError) return [];
    throw error;
  }
}

async function registryFacts(
  { identity, sequence, refused, forks }: RegistryReport,
  node: StorageNode,
  trust: TrustStore,
): Promise<RegistryFacts> {
  const keys = forks.length === 0 ? [] : await keysOfRegistry(identity, node, trust);
  const proven: ProvenFork[] = [];
  for (const fork of forks) {
    if (!keys.some((key) => key.equals(fork.writer)) || !(await isForkProved(fork))) continue;
    const states = [fork.kept, fork.shown].map((it) => pointerStateOf(it).target?.toString() ?? '');
    proven.push({ sequence: fork.sequence, states });
  }
  return { sequence, ...(refused === undefined ? {} : { refused }), forks: proven };
}

/** Anybody can sign twice with a key of his own: only the keys of the registry we know count. */
async function keysOfRegistry(
  identity: KeyHash,
  node: StorageNode,
  trust: TrustStore,
): Promise<KeyHash[]> {
  try {
    if (!(await trust.identityOf(OPERATOR)).equals(identity)) return [];
    const { nodeSource, shownState } = await import('#lib/name-registry/index.ts');
    const source = nodeSource(node);
    return [identity, (await shownState({ source, identity, known: undefined })).pkiKey];
  } catch (error) {
    if (error instanceof PyrgosError) return [];
    throw error;
  }
}
