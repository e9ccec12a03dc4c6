/** A device with pending changes, at the end of a line that breaks, for the tests of the queue. */
import { utf8 } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import type { SigningKeyPair } from '#lib/crypto/index.ts';
import { cidOf, seededRandom, signedPointer, type TestAccount } from '#lib/node-local/testing.ts';
import type { LocalNode } from '#lib/node-local/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { NodeUnreachable, pointerStateOf } from '#lib/protocol/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { createCachingNode } from '../cache/caching-node.ts';
import { createOfflineNode, type OfflineNode } from './offline-node.ts';

export interface Line {
  isUp: boolean;
  /** Calls until it breaks by itself. */
  left: number;
  /** True for a call on which it breaks. */
  breaksAt: (call: string) => boolean;
  /** The node hears the call on which the line breaks; only the answer is lost. */
  losesAnswer: boolean;
  /** Pointer updates that got through, in order: the hex digits of their signatures. */
  readonly moves: string[];
  /** Throws to refuse a call that gets through. */
  refuse: (call: string, asked: readonly unknown[]) => void;
}

/** A node at the end of a line. */
function overLine(node: StorageNode): { remote: StorageNode; line: Line } {
  const line: Line = {
    isUp: true,
    left: Infinity,
    breaksAt: () => false,
    losesAnswer: false,
    moves: [],
    refuse: () => undefined,
  };
  const call = async (name: string, asked: readonly unknown[], work: () => unknown) => {
    if (!line.isUp) throw new NodeUnreachable('The line is down.');
    const breaks = --line.left < 0 || line.breaksAt(name);
    if (breaks) line.isUp = false;
    if (breaks && !line.losesAnswer) throw new NodeUnreachable('The line broke.');
    line.refuse(name, asked);
    const answer = await work();
    if (name === 'pointers.set') line.moves.push(signatureOf(asked[2] as Uint8Array));
    if (breaks) throw new NodeUnreachable('The line broke before the answer came.');
    return answer;
  };
  const through = (part: string, target: object): unknown =>
    new Proxy(target, {
      get: (inner, name) => {
        const member: unknown = Reflect.get(inner, name);
        if (typeof member !== 'function') return member;
        return (...asked: unknown[]) =>
          call(`${part}.${String(name)}`, asked, () => Reflect.apply(member, inner, asked));
      },
    });
  const parts = Object.entries(node).filter(([, part]) => typeof part === 'object');
  const remote = Object.fromEntries(
    parts.map(([name, part]) => [name, through(name, part as object)]),
  ) as unknown as StorageNode;
  return { remote, line };
}

export const signatureOf = (signed: Uint8Array): string =>
  Buffer.from(signed.subarray(0, 64)).toString('hex');

export type Stores = ReturnType<typeof createMemoryStores>;

export interface Device {
  readonly node: OfflineNode;
  readonly line: Line;
  readonly stores: Stores;
}

/** A device; given the stores it had, the same one after a restart. */
export function createDevice(
  server: LocalNode,
  options: {
    readonly stores?: Stores;
    /** The same stores as the queue sees them; the cache beside it is not what is tested. */
    readonly queueStores?: Stores;
    readonly maxBytes?: number;
    readonly seed?: string;
    readonly nowMs?: () => number;
  } = {},
): Device {
  const stores = options.stores ?? createMemoryStores();
  const { remote, line } = overLine(server);
  const through = createCachingNode(remote, { ...stores, clock: options.nowMs ?? Date.now });
  const { maxBytes } = options;
  const node = createOfflineNode(through, {
    ...(options.queueStores ?? stores),
    direct: remote,
    random: seededRandom(options.seed ?? 'device'),
    ...(maxBytes === undefined ? {} : { maxBytes }),
  });
  return { node, line, stores };
}

/** A change of one space: a raw block, a state that names it, and the pointer to the state. */
export interface Change {
  readonly writer: SigningKeyPair;
  readonly text: string;
  /** The bytes of the raw block. */
  readonly sizeBytes?: number;
}

export function rawOf({ text, sizeBytes = 100 }: Change): Uint8Array {
  const bytes = new Uint8Array(sizeBytes).fill(7);
  bytes.set(utf8(text).subarray(0, sizeBytes));
  return bytes;
}

/** The state of a space after a change. */
export function stateOf(account: TestAccount, change: Change): Cid {
  return cidOf(stateValue(account, change));
}

function stateValue(account: TestAccount, { writer, text }: Change) {
  return account.stateValue(writer, { text });
}

/** The account as the node shows it: signatures do not depend on where they are made. */
export function on(account: TestAccount, node: StorageNode): TestAccount {
  return Object.create(account, { node: { value: node } }) as TestAccount;
}

/** Stores the blocks of a change under a transaction. */
export async function putBlocks(
  account: TestAccount,
  { node }: Pick<Device, 'node'>,
  change: Change,
  tid: string,
): Promise<void> {
  const there = on(account, node);
  await there.putRaw(change.writer, tid, [rawOf(change)]);
  await there.put(change.writer, tid, [stateValue(account, change)]);
}

/** Moves the pointer from where the node says it is; the update. */
export async function movePointer(
  account: TestAccount,
  { node }: Pick<Device, 'node'>,
  change: Change,
): Promise<Uint8Array> {
  const { owner } = account;
  const { writer } = change;
  const now = pointerStateOf(await node.pointers.get(owner, writer.hash));
  const next = Number(now.sequence ?? 0) + 1;
  const signed = await signedPointer(writer, now.target, stateOf(account, change), next);
  await node.pointers.set(owner, writer.hash, signed);
  return signed;
}

/** The whole of a change; the pointer update. */
export async function makeChange(
  account: TestAccount,
  device: Pick<Device, 'node'>,
  change: Change,
): Promise<Uint8Array> {
  const tid = await device.node.blocks.startTransaction(account.owner);
  await putBlocks(account, device, change, tid);
  const signed = await movePointer(account, device, change);
  await closeTransaction(account, device, tid);
  return signed;
}

/** A transaction that cannot be closed expires by itself (A-10 §6). */
export async function closeTransaction(
  { owner }: TestAccount,
  { node }: Pick<Device, 'node'>,
  tid: string,
): Promise<void> {
  await node.blocks.closeTransaction(owner, tid).catch((error: unknown) => {
    if (!(error instanceof NodeUnreachable)) throw error;
  });
}
