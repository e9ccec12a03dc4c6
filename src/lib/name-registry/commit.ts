/**
 * A state begins to count: one strict change of records, which happens only if nobody took another
 * one meanwhile. The same change notes which blocks the state before had and this one has not, and
 * removes those that only a state had which is no longer kept.
 */
import { toHex } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import type { RecordEntry, RecordStore } from '#lib/stores/index.ts';
import { blockRecordKey, KEPT_ROOTS, rootToBytes, sortable, TABLE } from './records.ts';
import type { ReadRoot, RootRecord } from './records.ts';

export interface NextState {
  readonly record: RootRecord;
  /** Blocks of this state that the one before has not at the same place. */
  readonly added: Iterable<Cid>;
  /** Blocks of the state before that this one has not at the same place. */
  readonly gone: Iterable<Cid>;
  /** What else is written at the same instant. */
  readonly writes?: readonly RecordEntry[];
}

const PAGE = 1000;

/** False: the state that is served is another one by now, and nothing was written. */
export async function commitState(
  records: RecordStore,
  before: ReadRoot,
  { record, added, gone, writes = [] }: NextState,
  keptRoots = KEPT_ROOTS,
): Promise<boolean> {
  const bytes = rootToBytes(record);
  return records.apply({
    expect: [before.entry],
    writes: [
      ...(await droppedEntries(records, record.number - keptRoots)),
      ...notes(before.value, added, gone),
      ...writes,
      { table: TABLE.roots, key: sortable(record.number), value: bytes },
      { ...before.entry, value: bytes },
    ],
  });
}

/** A first state has nothing before it, and needs no notes. */
function notes(
  before: RootRecord | undefined,
  added: Iterable<Cid>,
  gone: Iterable<Cid>,
): RecordEntry[] {
  if (before === undefined) return [];
  const number = sortable(before.number);
  const entries: RecordEntry[] = [];
  const isHere = new Set<string>();
  // What comes back is no longer the last of anything.
  for (const cid of added) {
    const key = blockRecordKey(cid);
    isHere.add(key);
    entries.push({ table: TABLE.last, key, value: undefined });
  }
  for (const cid of gone) {
    const key = blockRecordKey(cid);
    if (isHere.has(key)) continue;
    entries.push({ table: TABLE.last, key, value: new TextEncoder().encode(number) });
    entries.push({ table: TABLE.gone, key: `${number}/${key}`, value: new Uint8Array() });
  }
  return entries;
}

/** What falls with the state of this number: its record, and the blocks that no later one has. */
async function droppedEntries(records: RecordStore, number: number): Promise<RecordEntry[]> {
  if (number < 1) return [];
  const root = sortable(number);
  const wanted = toHex(new TextEncoder().encode(root));
  const dropped: RecordEntry[] = [{ table: TABLE.roots, key: root, value: undefined }];
  let after: string | undefined;
  for (;;) {
    const page = await records.list(TABLE.gone, `${root}/`, after, PAGE);
    for (const { key } of page) {
      dropped.push({ table: TABLE.gone, key, value: undefined });
      const block = key.slice(root.length + 1);
      const last = await records.get(TABLE.last, block);
      if (last === undefined || toHex(last) !== wanted) continue;
      dropped.push({ table: TABLE.last, key: block, value: undefined });
      dropped.push({ table: TABLE.blocks, key: block, value: undefined });
    }
    if (page.length < PAGE) return dropped;
    after = page.at(-1)!.key;
  }
}
