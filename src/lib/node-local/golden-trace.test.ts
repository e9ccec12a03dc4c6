/**
 * The recorded sign-up and first log-in of a real client against a real server: replayed into a
 * fresh node, every later read must give the recorded answer.
 */
import 'fake-indexeddb/auto';
import { readFileSync } from 'node:fs';
import { IDBFactory } from 'fake-indexeddb';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '#lib/bytes/index.ts';
import { asBytes, asList, asMap, Cid, decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import {
  asKeyHash,
  BatWithId,
  PublicSigningKey,
  sha256Now,
  systemRandom,
  toKeyHash,
} from '#lib/crypto/index.ts';
import { NameTaken, PointerConflict } from '#lib/protocol/index.ts';
import { createBrowserStores, createMemoryStores } from '#lib/stores/index.ts';
import type { BlockStore, RecordStore } from '#lib/stores/index.ts';
import { UNASKED } from './testing.ts';
import { createLocalNode } from './local-node.ts';
import type { LocalNode } from './local-node.ts';

interface Step {
  readonly n: number;
  readonly call: string;
  readonly [member: string]: unknown;
}
interface Trace {
  readonly nodeId: string;
  readonly signUp: { readonly username: string; readonly link: string; readonly opLog: string };
  readonly steps: readonly Step[];
}

const trace = JSON.parse(
  readFileSync(new URL('../../../tests/vectors/node/golden-trace.json', import.meta.url), 'utf8'),
) as Trace;

/** Within the windows of the recorded signed times. */
const RECORDED_MS = 1_795_423_041_900;

const kinds: [string, () => Promise<{ blocks: BlockStore; records: RecordStore }>][] = [
  ['memory', async () => createMemoryStores()],
  [
    'IndexedDB',
    () => createBrowserStores('node', { indexedDB: new IDBFactory(), random: systemRandom }),
  ],
];

async function createNode(createStores = kinds[0]![1]): Promise<LocalNode> {
  return createLocalNode({
    ...(await createStores()),
    clock: () => RECORDED_MS,
    random: (length) => new Uint8Array(length).fill(7),
    nodeId: Cid.parse(trace.nodeId),
  });
}

async function signUp(node: LocalNode): Promise<void> {
  const { username, link, opLog } = trace.signUp;
  const chain = [decodeBlock(fromHex(link))];
  await node.accounts.signUp({ username, chain, opLog: fromHex(opLog), ...UNASKED });
}

const keyHash = (text: unknown) => toKeyHash(Cid.parse(text as string), 'a key');
const bytes = (hex: unknown) => fromHex(hex as string);

async function replay(node: LocalNode, step: Step): Promise<void> {
  const owner = step['owner'] === undefined ? undefined : keyHash(step['owner']);
  switch (step.call) {
    case 'publicKey': {
      const identity = await node.names.publicKey(step['name'] as string);
      expect(toHex(encodeCbor(identity ?? null))).toBe(step['identityLink']);
      return;
    }
    case 'pointer': {
      const signed = await node.pointers.get(owner!, keyHash(step['writer']));
      expect(toHex(signed!)).toBe(step['response']);
      return;
    }
    case 'block': {
      const block = await node.blocks.get(owner!, Cid.parse(step['cid'] as string));
      expect(toHex(block!)).toBe(step['response']);
      return;
    }
    case 'login': {
      const author = PublicSigningKey.fromCbor(decodeBlock(bytes(step['author'])));
      const username = step['username'] as string;
      const answer = await node.accounts.getLogin(username, author, bytes(step['auth']));
      expect(toHex(encodeCbor(answer))).toBe(step['response']);
      return;
    }
    case 'bats': {
      const identity = await node.names.publicKey(step['username'] as string);
      const bats = await node.bats.list(identity!, bytes(step['auth']));
      expect(toHex(encodeCbor(bats.map((bat) => bat.toCbor())))).toBe(step['response']);
      return;
    }
    case 'champ': {
      const keys = asList(decodeBlock(bytes(step['caps'])), 'caps').map((cap) => {
        const map = asMap(cap, 'a cap');
        const key = asBytes(map.get('m'), 'a key');
        return map.has('b') ? { key, bat: BatWithId.fromCbor(map.get('b')) } : { key };
      });
      const root = Cid.parse(step['root'] as string);
      const blocks = await node.blocks.champLookup(owner!, root, keys);
      expect(blocks.map(({ bytes }) => toHex(sha256Now(bytes))).sort()).toEqual(step['sha256']);
      return;
    }
    case 'put': {
      const authorisations = step['authorisations'] as string[];
      const blocks = (step['blocks'] as string[]).map((block, i) => ({
        bytes: fromHex(block),
        authorisation: fromHex(authorisations[i]!),
      }));
      const writer = keyHash(step['writer']);
      const cids = await node.blocks.put(owner!, writer, blocks, 'dag-cbor', step['tid'] as string);
      expect(cids.map((cid) => cid.toString())).toEqual(step['cids']);
      return;
    }
    case 'setPointers': {
      const updates = (step['updates'] as { writer: string; signed: string }[]).map((update) => ({
        writer: asKeyHash(Cid.fromBytes(fromHex(update.writer)), 'a writer'),
        signed: fromHex(update.signed),
      }));
      await node.pointers.setMany(owner!, updates);
      return;
    }
    case 'close':
      await node.blocks.closeTransaction(owner!, step['tid'] as string);
      return;
    default:
      throw new Error(`unknown call ${step.call}`);
  }
}

describe('the golden trace', () => {
  test.each(kinds)('replays with the recorded answers in %s', async (_kind, createStores) => {
    const node = await createNode(createStores);
    await signUp(node);
    for (const step of trace.steps) await replay(node, step);
  });

  test('collection in between takes nothing that is read later', async () => {
    const node = await createNode();
    await signUp(node);
    const identity = await node.names.publicKey('alice');
    for (const step of trace.steps) {
      // Look-ups by an old root read what a later state has left behind.
      if (!(step.call === 'champ' && step.n >= 17 && step.n < 31)) await replay(node, step);
      await node.collect(identity!);
    }
  });

  test('a second sign-up under the same or another name is refused', async () => {
    const node = await createNode();
    await signUp(node);
    await expect(signUp(node)).rejects.toBeInstanceOf(NameTaken);
  });

  test('an update sent twice is a conflict that names the state it led to', async () => {
    const node = await createNode();
    await signUp(node);
    const upToPointers = trace.steps.filter(({ n }) => n <= 15);
    for (const step of upToPointers) await replay(node, step);
    const error = await replay(node, upToPointers.at(-1)!).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(PointerConflict);
    expect((error as PointerConflict).sequence).toBe(2);
  });
});
