/**
 * Work that one of several processes on the same records is to do at a time. A lease runs out by
 * itself, so a process that died holds nothing up for long.
 */
import { asInteger, decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';

const TABLE = 'leases';

/** Takes the lease unless another process has it; answers how to give it back. */
export async function takeLease(
  records: RecordStore,
  name: string,
  nowMs: number,
  lengthMs: number,
): Promise<(() => Promise<void>) | undefined> {
  const entry = { table: TABLE, key: name };
  const value = await records.get(entry.table, entry.key);
  if (value !== undefined && asInteger(decodeBlock(value), 'The lease') > nowMs) return undefined;
  const taken = encodeCbor(nowMs + lengthMs);
  const isOurs = await records.apply({
    expect: [{ ...entry, value }],
    writes: [{ ...entry, value: taken }],
  });
  if (!isOurs) return undefined;
  return async () => {
    // Fails when it ran out and somebody else took it: then it is no longer ours to give.
    await records.apply({
      expect: [{ ...entry, value: taken }],
      writes: [{ ...entry, value: undefined }],
    });
  };
}
