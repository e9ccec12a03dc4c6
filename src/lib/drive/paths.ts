/** Where things lie, seen from the home directory. */
import { Snapshot } from '#lib/writers/index.ts';
import { DanglingEntry, NoHome } from './errors.ts';
import { handleOf, openTarget } from './open.ts';
import type { DriveContext } from './transact.ts';
import type { View } from './nodes.ts';
import type { Handle, Home } from './types.ts';

/** The home directory as it stands. @throws NoHome */
export async function openHome(
  { deps, home }: DriveContext,
  signal?: AbortSignal,
): Promise<Handle> {
  if (home === undefined) throw new NoHome();
  return openHomeIn(new Snapshot(deps, home.owner), home, signal);
}

/** The home directory as `view` has it. */
export async function openHomeIn(view: View, home: Home, signal?: AbortSignal): Promise<Handle> {
  const target = await openTarget(view, home.capability, signal);
  if (!target) throw new DanglingEntry(home.username);
  return handleOf(target, undefined, home.signer);
}

/** Names from the root down, its own included: `['alice', 'pictures']`. */
export function pathOf(handle: Handle): string[] {
  const names: string[] = [];
  for (let at: Handle | undefined = handle; at; at = at.parent) names.unshift(at.name);
  return names;
}
