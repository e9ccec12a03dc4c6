/**
 * Long reads (A-10 §6): the blocks of an older state may be collected while it is being read. Then,
 * and only then, what was read is thrown away and the reading begins again from the present state.
 */
import { sameCid } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { SpaceDeps } from './deps.ts';
import { BlockMissing } from './errors.ts';
import { fetchState } from './fetch.ts';
import { Snapshot } from './snapshot.ts';

const ATTEMPTS = 3;

/**
 * Runs `read` on a snapshot, again on a fresh one if its blocks vanished because the state moved on.
 * `open` makes the snapshots where they are to be of a kind of their own.
 */
export async function readConsistently<T, S extends Snapshot = Snapshot>(
  deps: SpaceDeps,
  owner: KeyHash,
  read: (snapshot: S) => Promise<T>,
  open: () => S = () => new Snapshot(deps, owner) as S,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const snapshot = open();
    try {
      return await read(snapshot);
    } catch (error) {
      if (!(error instanceof BlockMissing) || attempt === ATTEMPTS) throw error;
      if (!(await hasMoved(deps, owner, snapshot))) throw error;
    }
  }
}

async function hasMoved(deps: SpaceDeps, owner: KeyHash, snapshot: Snapshot): Promise<boolean> {
  for (const { writer, target } of await snapshot.states()) {
    if (!sameCid(target, (await fetchState(deps, owner, writer)).target)) return true;
  }
  return false;
}
