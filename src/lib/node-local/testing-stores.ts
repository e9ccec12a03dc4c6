/** For the tests of this room: stores that die, and a look at everything they hold. */
import { toHex } from '#lib/bytes/index.ts';
import type { BlockStore, RecordStore } from '#lib/stores/index.ts';
import { TABLE } from './records.ts';
import type { LocalNodeDeps } from './context.ts';

class Crash extends Error {}

/** `false` for the crash made here, so that it can follow `then(() => true, …)`; else it throws. */
export function isCrash(error: unknown): false {
  if (error instanceof Crash) return false;
  throw error;
}

/** The same stores, of which the nth call from now dies before or after it took effect, and all later ones. */
export function crashing(
  deps: LocalNodeDeps,
  nth: number,
  when: 'before' | 'after',
): LocalNodeDeps {
  let calls = 0;
  return intercepted(deps, async (call) => {
    const isLast = calls++ === nth;
    if (calls > nth + 1 || (isLast && when === 'before')) throw new Crash();
    const result = await call();
    if (isLast) throw new Crash();
    return result;
  });
}

/** Passes every store call through `around`. */
export function intercepted(
  deps: LocalNodeDeps,
  around: <T>(call: () => Promise<T>, name: string) => Promise<T>,
): LocalNodeDeps {
  const { blocks, records } = deps;
  const wrappedBlocks: BlockStore = {
    get: (...args) => around(() => blocks.get(...args), 'blocks.get'),
    has: (...args) => around(() => blocks.has(...args), 'blocks.has'),
    putMany: (...args) => around(() => blocks.putMany(...args), 'blocks.putMany'),
    deleteMany: (...args) => around(() => blocks.deleteMany(...args), 'blocks.deleteMany'),
    list: (...args) => around(() => blocks.list(...args), 'blocks.list'),
  };
  const wrappedRecords: RecordStore = {
    get: (...args) => around(() => records.get(...args), 'records.get'),
    list: (...args) => around(() => records.list(...args), 'records.list'),
    apply: (...args) => around(() => records.apply(...args), 'records.apply'),
  };
  return { ...deps, blocks: wrappedBlocks, records: wrappedRecords };
}

/** Every record but the count of changes and the node's own key. */
export async function everything(records: RecordStore): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const table of Object.values(TABLE)) {
    if (table === TABLE.node || table === TABLE.owners) continue;
    for (const { key, value } of await records.list(table, '')) {
      all[`${table} ${key}`] = toHex(value);
    }
  }
  return all;
}
