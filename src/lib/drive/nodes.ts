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
import type { Snapshot } from '#lib/writers/index.ts';
import { isAbort } from './abort.ts';
import { mapLimited } from './ahead.ts';

/** What both a Snapshot and a Commit can be asked. */
export type View = Pick<Snapshot, 'lookup' | 'block'>;

/** Look-ups in flight for a batch: enough to hide a store's latency, few enough to stay fair. */
const PARALLEL_LOOKUPS = 16;

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
export function openAll(
  view: View,
  capabilities: readonly Capability[],
  signal?: AbortSignal,
): Promise<(OpenNode | PyrgosError | undefined)[]> {
  const one = (capability: Capability, inner: AbortSignal) =>
    openAt(view, capability, inner).catch((error: unknown) => namedOnly(error, inner));
  return mapLimited(capabilities, PARALLEL_LOOKUPS, one, signal);
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
