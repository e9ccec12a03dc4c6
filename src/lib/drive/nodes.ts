/**
 * From a capability to an opened node: look the label up in the writer's data map, fetch the block
 * with its BAT, verify, decrypt (A-8 §4). The same code reads committed states (Snapshot) and the
 * state a change is building (Commit).
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import {
  openNode,
  type Capability,
  type ChunkRole,
  type LoadFragment,
  type OpenNode,
} from '#lib/cryptree/index.ts';
import { isNodeFailure } from '#lib/protocol/index.ts';
import type { MappedBlock, Snapshot } from '#lib/writers/index.ts';
import { isAbort } from './abort.ts';

/** What both a Snapshot and a Commit can be asked. */
export type View = Pick<Snapshot, 'lookup' | 'lookupMany' | 'mapped' | 'block' | 'unverified'>;

/**
 * The node a capability points to; undefined when its data map has nothing there (a dangling
 * capability, A-8 §4: no error by itself).
 * @throws when something is there that fails its checks
 */
export async function openAt(
  view: View,
  capability: Capability,
  signal?: AbortSignal,
  role: ChunkRole = 'first',
): Promise<OpenNode | undefined> {
  const { writer, mapKey, bat } = capability;
  const found = await view.lookup(writer, mapKey, bat?.withId(), signal);
  return found && openNode(capability, found.block, found.cid, role);
}

/** The same for many, each on its own: what fails is the error in its place. */
export async function openAll(
  view: View,
  capabilities: readonly Capability[],
  signal?: AbortSignal,
): Promise<(OpenNode | PyrgosError | undefined)[]> {
  const results: (OpenNode | PyrgosError | undefined)[] = [];
  for (const [writer, group] of byWriter(capabilities)) {
    const requests = group.map(({ capability: { mapKey, bat } }) => ({
      mapKey,
      bat: bat?.withId(),
    }));
    // A writing space of which nothing can be read is a fault of its own items alone.
    const found = await view
      .lookupMany(writer, requests, signal)
      .catch((error: unknown) => group.map(() => damageOnly(error, signal)));
    group.forEach(({ capability, position }, i) => {
      results[position] = openFound(capability, found[i]);
    });
  }
  return results;
}

function openFound(
  capability: Capability,
  found: MappedBlock | PyrgosError | undefined,
): OpenNode | PyrgosError | undefined {
  if (found === undefined || found instanceof PyrgosError) return found;
  try {
    return openNode(capability, found.block, found.cid);
  } catch (error) {
    return namedOnly(error);
  }
}

function byWriter(capabilities: readonly Capability[]) {
  const groups = new Map<string, { capability: Capability; position: number }[]>();
  for (const [position, capability] of capabilities.entries()) {
    const key = capability.writer.toString();
    const group = groups.get(key) ?? [];
    group.push({ capability, position });
    groups.set(key, group);
  }
  return [...groups.values()].map((group) => [group[0]!.capability.writer, group] as const);
}

/** How fragments are fetched: verified, through the view. */
export function fragmentsOf(view: View): LoadFragment {
  return (cid, bat, signal) => view.block(cid, bat, signal);
}

/** A named error as a value; an abort, or a bug, goes on. */
export function namedOnly(error: unknown, signal?: AbortSignal): PyrgosError {
  if (isAbort(error, signal) || !(error instanceof PyrgosError)) throw error;
  return error;
}

/** A fault of what was asked for as a value; one of the node itself says nothing of it and goes on. */
export function damageOnly(error: unknown, signal?: AbortSignal): PyrgosError {
  if (isNodeFailure(error)) throw error;
  return namedOnly(error, signal);
}
