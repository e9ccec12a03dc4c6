/**
 * A node whose changes wait on this device while it is away (A-10 §3, A-5 §5). Writing goes on: what
 * cannot be sent is recorded as it was signed, and read first. As long as anything waits everything
 * of that owner waits behind it, so that the order stays.
 *
 * Only blocks and pointers wait. Names, logins and all else still need the node.
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

export interface QueueingNodeDeps {
  /** The node as it is; what it answers decides how what waits is sent. */
  readonly direct: StorageNode;
  /** May be shared with a cache: the names in it do not meet. */
  readonly blocks: BlockStore;
  readonly records: RecordStore;
  readonly random: Random;
  readonly maxBytes?: number;
  /** Told when the changes that wait for an owner become more or fewer. */
  readonly onChange?: (owner: KeyHash) => void;
}

/** What a pointer stands for, as everybody writes it. */
interface PointerName {
  readonly target: Cid | undefined;
  readonly sequence: number | bigint | undefined;
}

export interface QueueingNode extends StorageNode {
  /** The node without what waits; nothing written to it waits. */
  readonly through: StorageNode;
  /** How many changes of an owner wait. */
  pending(owner: KeyHash): Promise<number>;
  /**
   * Sends what waits, in order. `diverged`: pointers moved on meanwhile; what waits has to be put
   * together with that, see {@link QueueingNode.base}.
   */
  send(owner: KeyHash, signal?: AbortSignal): Promise<'sent' | 'diverged'>;
  /** The state the node was in when the changes that wait began. */
  readonly base: StorageNode;
  /** What waits now, to be named to {@link QueueingNode.finish}. Throws `PendingDamaged`. */
  waiting(owner: KeyHash): Promise<readonly JournalEntry[]>;
  /** Forgets changes that have found their way in another form. False: more came meanwhile. */
  finish(owner: KeyHash, done: readonly JournalEntry[]): Promise<boolean>;
  /** Forgets what waits, of one owner or of all: it is lost. */
  discard(owner?: KeyHash): Promise<void>;
  /** Whether a pointer is one that waits, or waited, here: no node has answered with it yet. */
  isOwn(writer: KeyHash, state: PointerName): boolean;
}

/** A file of 50 MiB, sealed, and some structure. */
const MAX_BYTES = 64 * 1024 * 1024;

/** `through`: the node, perhaps through a cache. */
export function createQueueingNode(through: StorageNode, deps: QueueingNodeDeps): QueueingNode {
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
    onWaiting: (owner, updates) => {
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
        const waiting = await journal.pointer(owner, writer);
        if (waiting === undefined) return through.pointers.get(owner, writer, options);
        own.add(ownKey(writer, pointerStateOf(waiting)));
        return waiting;
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
    waiting: (owner) => journal.entries(owner),
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
