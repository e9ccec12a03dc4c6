/**
 * Remembers how far each writer's pointer had come, so that a node cannot answer with an older
 * state, or with two different states of the same age, without being noticed (A-6 §4).
 *
 * The memory is as good as the place it lies in: within a session, or in records that outlive it.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { asList, Cid, decodeCbor, encodeCbor, sameCid } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { PointerState } from '#lib/protocol/index.ts';
import { StoreFull, type RecordEntry, type RecordStore } from '#lib/stores/index.ts';

/** A pointer is older than one seen before, or another one of the same age. */
export class PointerRolledBack extends PyrgosError {
  override readonly name: string = 'PointerRolledBack';
  override readonly kind = 'damaged';
  constructor(message = 'The storage answered with an older state than it did before.') {
    super(message);
  }
}

export interface PointerMemory {
  /** Accepts a state as seen, if it is not behind the last one. Throws {@link PointerRolledBack}. */
  see(writer: KeyHash, state: PointerState): Promise<void>;
}

/** A memory that lasts as long as the object. */
export function createPointerMemory(): PointerMemory {
  const seen = new Map<string, PointerState>();
  return {
    see: (writer, state) =>
      new Promise((resolve) => {
        if (isNews(seen.get(writer.toString()), state)) seen.set(writer.toString(), state);
        resolve();
      }),
  };
}

const TABLE = 'pointers-seen';

/** A memory that outlives the session, as far as there is room: reading never fails for want of it. */
export function createLastingPointerMemory(records: RecordStore): PointerMemory {
  const session = createPointerMemory();
  return {
    async see(writer, state) {
      await session.see(writer, state);
      const place = { table: TABLE, key: writer.toString() };
      for (;;) {
        const before = await records.get(place.table, place.key);
        if (!isNews(before === undefined ? undefined : stateOf(before), state)) return;
        const isSettled = await keep(records, { ...place, value: before }, recordOf(state));
        if (isSettled) return;
        // Another tab was faster; it may have seen more.
      }
    },
  };
}

/** Replaces a record. False if it has changed meanwhile; where there is no room it stays. */
async function keep(
  records: RecordStore,
  before: RecordEntry,
  value: Uint8Array,
): Promise<boolean> {
  try {
    return await records.apply({ expect: [before], writes: [{ ...before, value }] });
  } catch (error) {
    if (error instanceof StoreFull) return true;
    throw error;
  }
}

/** Whether there is something to remember. Throws {@link PointerRolledBack} if the state is behind. */
export function isNews(before: PointerState | undefined, now: PointerState): boolean {
  if (before?.sequence === undefined) return now.sequence !== undefined;
  if (now.sequence === undefined || now.sequence < before.sequence) throw new PointerRolledBack();
  if (now.sequence > before.sequence) return true;
  if (!sameCid(before.target, now.target)) throw new PointerRolledBack();
  return false;
}

function recordOf({ target, sequence }: PointerState): Uint8Array {
  return encodeCbor([target?.bytes ?? null, sequence ?? null]);
}

function stateOf(record: Uint8Array): PointerState {
  const [target, sequence] = asList(decodeCbor(record), 'A remembered pointer');
  return {
    target: target instanceof Uint8Array ? Cid.fromBytes(target) : undefined,
    sequence: typeof sequence === 'number' || typeof sequence === 'bigint' ? sequence : undefined,
  };
}

/**
 * A memory beside a journal of changes that no node has seen yet: it leaves out what `isOwn` says is this device's alone: it may still be put together with the work of
 * others, and must not make their pointers look rolled back.
 */
export function rememberBesidePending(
  memory: PointerMemory,
  isOwn: (writer: KeyHash, state: PointerState) => boolean,
): PointerMemory {
  return {
    see: (writer, state) => (isOwn(writer, state) ? Promise.resolve() : memory.see(writer, state)),
  };
}
