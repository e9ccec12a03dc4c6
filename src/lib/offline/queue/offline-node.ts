/**
 * A node that can be written to while the server is away (A-10 §3, A-5 §5). Changes that cannot be
 * sent are pending: they are stored on this device as they were signed, and reads find them first.
 * While a change of an owner is pending, later changes of that owner are pending too, so that the
 * order stays.
 *
 * Only blocks and pointers can be pending. Names, logins and everything else need the server.
 */
import type { Random } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { pointerStateOf } from '#lib/protocol/index.ts';
import type { BlockStore, RecordStore } from '#lib/stores/index.ts';
import type { JournalEntry } from './entries.ts';
import { Journal } from './journal.ts';
import { OpenTransactions } from './open-transactions.ts';
import { readingPending, writingPending } from './pending-blocks.ts';
import { pendingPointers } from './pending-pointers.ts';
import { sendPending } from './send.ts';

export interface OfflineNodeDeps {
  /** The server without a cache; its answers decide how pending changes are sent. */
  readonly direct: StorageNode;
  /** May be shared with a cache: the names in it do not meet. */
  readonly blocks: BlockStore;
  readonly records: RecordStore;
  readonly random: Random;
  readonly maxBytes?: number;
  /** Called when the number of pending changes of an owner changes. */
  readonly onChange?: (owner: KeyHash) => void;
}

/** What a pointer stands for, as everybody writes it. */
interface PointerName {
  readonly target: Cid | undefined;
  readonly sequence: number | bigint | undefined;
}

export interface OfflineNode extends StorageNode {
  /** The node without pending changes; what is written to it is sent or fails. */
  readonly through: StorageNode;
  /** The number of pending changes of an owner. */
  pending(owner: KeyHash): Promise<number>;
  /**
   * Sends the pending changes, in order. `diverged`: pointers changed at the server meanwhile; the
   * pending changes have to be merged with that, see {@link OfflineNode.base}.
   */
  send(owner: KeyHash, signal?: AbortSignal): Promise<'sent' | 'diverged'>;
  /** The state of the server before the first pending change. */
  readonly base: StorageNode;
  /** The pending changes, as the argument of {@link OfflineNode.finish}. Throws `PendingDamaged`. */
  pendingEntries(owner: KeyHash): Promise<readonly JournalEntry[]>;
  /** Deletes pending changes that were merged into the server's state. False: there are newer ones. */
  finish(owner: KeyHash, done: readonly JournalEntry[]): Promise<boolean>;
  /** Deletes the pending changes, of one owner or of all: they are lost. */
  discard(owner?: KeyHash): Promise<void>;
  /** Whether this device made the pointer: it is, or was, pending and no server has returned it yet. */
  isOwn(writer: KeyHash, state: PointerName): boolean;
}

/** A file of 50 MiB, sealed, and some structure. */
const MAX_BYTES = 64 * 1024 * 1024;

/** `through`: the node, perhaps through a cache. */
export function createOfflineNode(through: StorageNode, deps: OfflineNodeDeps): OfflineNode {
  const { blocks, records, random, direct, onChange = () => undefined } = deps;
  const maxBytes = deps.maxBytes ?? MAX_BYTES;
  const journal = new Journal({ blocks, records, maxBytes });
  const transactions = new OpenTransactions(journal, random, maxBytes);
  const own = new Set<string>();
  const reading = readingPending(through.blocks, journal);
  const pointers = pendingPointers({
    through: through.pointers,
    journal,
    transactions,
    onPending: (owner, updates) => {
      for (const { writer, signed } of updates) own.add(ownKey(writer, pointerStateOf(signed)));
      onChange(owner);
    },
  });
  return {
    ...through,
    blocks: { ...reading, ...writingPending(through.blocks, journal, transactions) },
    pointers: {
      ...pointers,
      get: async (owner, writer, options) => {
        const pending = await journal.pointer(owner, writer);
        if (pending === undefined) return through.pointers.get(owner, writer, options);
        own.add(ownKey(writer, pointerStateOf(pending)));
        return pending;
      },
    },
    through,
    base: { ...through, blocks: reading, pointers: basePointers(through, journal) },
    pending: (owner) => journal.count(owner),
    send: (owner, signal) =>
      sendPending({
        journal,
        through,
        direct,
        owner,
        signal,
        onSent: (sent) => {
          for (const { writer, signed } of sent) own.delete(ownKey(writer, pointerStateOf(signed)));
          onChange(owner);
        },
      }),
    pendingEntries: (owner) => journal.entries(owner),
    finish: async (owner, done) => {
      const isFinished = await journal.finish(owner, done);
      onChange(owner);
      return isFinished;
    },
    discard: async (owner) => {
      await journal.discard(owner);
      if (owner !== undefined) onChange(owner);
    },
    isOwn: (writer, state) => own.has(ownKey(writer, state)),
  };
}

function basePointers(through: StorageNode, journal: Journal): StorageNode['pointers'] {
  return {
    ...through.pointers,
    get: async (owner, writer, options) => {
      const base = await journal.base(owner, writer);
      return base === undefined ? through.pointers.get(owner, writer, options) : base.signed;
    },
  };
}

function ownKey(writer: KeyHash, { target, sequence }: PointerName): string {
  return `${writer.toString()}/${target?.toString() ?? ''}/${sequence ?? ''}`;
}
