/** Random bytes a node makes once and keeps in its records, the same for every process on them. */
import type { LocalNodeDeps } from './context.ts';
import { compareAndSet } from './context.ts';
import { TABLE } from './records.ts';

export function keptSecret(
  deps: Pick<LocalNodeDeps, 'records' | 'random'>,
  key: string,
  length: number,
): Promise<Uint8Array> {
  const entry = { table: TABLE.node, key };
  return compareAndSet(deps.records, async () => {
    const stored = await deps.records.get(entry.table, entry.key);
    if (stored !== undefined) return { result: stored };
    const fresh = deps.random(length);
    const change = {
      expect: [{ ...entry, value: undefined }],
      writes: [{ ...entry, value: fresh }],
    };
    return { change, result: fresh };
  });
}
