/** The node as users see it, which tells what it says of itself: see `protocol/node-report.ts`. */
import type { NameRegistry } from '#lib/name-registry/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { REPORTED_FORKS_MAX } from '#lib/protocol/index.ts';
import type { RegistryReport } from '#lib/protocol/index.ts';

export interface ReportDeps {
  /** Multiaddrs for pages; known once the node listens. */
  readonly addresses: () => readonly string[];
  readonly registry: { readonly names: NameRegistry } | undefined;
}

export function reportingNode(node: StorageNode, { addresses, registry }: ReportDeps): StorageNode {
  const report = async () => ({
    addresses: addresses(),
    registry: registry === undefined ? undefined : await registryReport(registry.names),
  });
  return { ...node, admin: { ...node.admin, report } };
}

/** What is known of the registry by now, of all processes on the same records. */
export async function registryReport(names: NameRegistry): Promise<RegistryReport> {
  const [state, refusal, forks] = await Promise.all([
    names.state(),
    names.refusal(),
    names.forks(REPORTED_FORKS_MAX),
  ]);
  const { identity } = names;
  return { identity, sequence: state?.pkiSequence ?? 0, refused: refusal?.reason, forks };
}
