import { beforeAll, describe, expect, test } from 'vitest';
import { concat } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { BLOCK_MAX_BYTES, CODEC } from '#lib/codec/index.ts';
import { Bat, hashBlockNow, rawBlockPrefix, signBlock, startCrypto } from '#lib/crypto/index.ts';
import type { BatWithId } from '#lib/crypto/index.ts';
import {
  BlockTooBig,
  MalformedRequest,
  NotOffered,
  QuotaExceeded,
  Unauthorised,
  UnknownWriter,
  WrongSignature,
} from '#lib/protocol/index.ts';
import { createBench, keyPair, TestAccount } from './testing.ts';
import type { DirectTransfer } from './context.ts';
import type { LocalNodeDeps } from './context.ts';

beforeAll(() => startCrypto());

const bat = new Bat(new Uint8Array(32).fill(9));
const block = concat(rawBlockPrefix([bat.inlineId()]), new Uint8Array(2000).fill(1));
const cid = hashBlockNow(block, CODEC.raw);

const transfer: DirectTransfer = {
  properties: { directWrites: true, publicReads: false, authorisedReads: true },
  presignWrite: async (key, of, sizeBytes) => ({
    url: `put:${key}?${of.toString()}&${sizeBytes}`,
    headers: new Map(),
  }),
  presignRead: async (key) => ({ url: `get:${key}`, headers: new Map() }),
};

async function createStore(overrides: Partial<LocalNodeDeps> = {}) {
  const bench = createBench({ directTransfer: transfer, ...overrides });
  const alice = await TestAccount.signUp(bench.node);
  const { blocks } = bench.node;
  const announce = async (more: { sizeBytes?: number; signed?: Uint8Array; by?: string } = {}) => ({
    authorisation: await signBlock(
      more.by === undefined ? alice.home : keyPair(more.by),
      more.signed ?? block,
    ),
    sizeBytes: more.sizeBytes ?? block.length,
    batIds: [bat.inlineId()] as readonly Cid[],
  });
  const write = async (announced: Awaited<ReturnType<typeof announce>>[], writer = alice.home) =>
    blocks.authoriseWrites(alice.owner, writer.hash, announced, 't');
  const read = (of: Cid, shown?: BatWithId) =>
    blocks.authoriseReads(alice.owner, [{ cid: of, ...(shown && { bat: shown }) }]);
  return { ...bench, alice, announce, write, read };
}

describe('direct writes', () => {
  test('are announced and counted before they happen, for exactly those bytes', async () => {
    const { alice, announce, write, deps } = await createStore();
    const [request] = await write([await announce()]);
    const key = `${alice.owner.toString()}/${cid.toString()}`;
    expect(request?.url).toBe(`put:${key}?${cid.toString()}&${block.length}`);
    expect(await deps.records.list('transactions', `${alice.owner.toString()}/t/`)).toHaveLength(1);
  });

  test('survive a collection while their transaction is open, and go when nothing needs them', async () => {
    const { alice, announce, write, deps, node } = await createStore();
    await write([await announce()]);
    const key = `${alice.owner.toString()}/${cid.toString()}`;
    await deps.blocks.putMany([{ key, bytes: block }]); // the client's own request
    await node.collect(alice.owner);
    expect(await deps.blocks.has(key)).toBe(true);
    await node.blocks.closeTransaction(alice.owner, 't');
    await node.collect(alice.owner);
    expect(await deps.blocks.has(key)).toBe(false);
  });

  test('of a writer of another account go into the space of that account', async () => {
    const { announce, write, node } = await createStore();
    const bob = await TestAccount.signUp(node, 'bob');
    const [request] = await write([await announce({ by: 'bob home' })], bob.home);
    expect(request?.url.startsWith(`put:${bob.owner.toString()}/`)).toBe(true);
  });

  test('are refused as writes through the node would be', async () => {
    const { announce, write } = await createStore();
    const signed = await announce();
    const big = write([await announce({ sizeBytes: BLOCK_MAX_BYTES + 1 })]);
    await expect(big).rejects.toBeInstanceOf(BlockTooBig);
    await expect(write([await announce({ sizeBytes: 0 })])).rejects.toThrow(MalformedRequest);
    await expect(write([await announce({ by: 'mallory' })])).rejects.toThrow(WrongSignature);
    const stranger = write([await announce({ by: 'mallory' })], keyPair('mallory'));
    await expect(stranger).rejects.toBeInstanceOf(UnknownWriter);
    const many = Array.from({ length: 51 }, () => signed);
    await expect(write(many)).rejects.toBeInstanceOf(MalformedRequest);
    const full = await createStore({ signUps: { admits: 'anyone', quotaBytes: 2000 } });
    await expect(full.write([await full.announce()])).rejects.toBeInstanceOf(QuotaExceeded);
  });
});

describe('direct reads', () => {
  test('need the BAT that was announced', async () => {
    const { alice, announce, write, read } = await createStore();
    await write([await announce()]);
    await expect(read(cid)).rejects.toBeInstanceOf(Unauthorised);
    await expect(read(cid, alice.mirrorBat)).rejects.toBeInstanceOf(Unauthorised);
    expect((await read(cid, bat.withId()))[0]?.url).toMatch(/^get:/u);
  });

  test('need the BAT of the block itself if it came through the node', async () => {
    const { alice, read } = await createStore();
    await alice.putRaw(alice.home, 't', [block]);
    await expect(read(cid)).rejects.toBeInstanceOf(Unauthorised);
    expect(await read(cid, bat.withId())).toHaveLength(1);
  });

  test('are of raw blocks that are there, all or none', async () => {
    const { alice, read, node } = await createStore();
    await expect(read(cid, bat.withId())).rejects.toBeInstanceOf(Unauthorised);
    await expect(read(alice.target(alice.home)!)).rejects.toBeInstanceOf(MalformedRequest);
    const [open] = await alice.putRaw(alice.home, 't', [new Uint8Array([1])]);
    const both = node.blocks.authoriseReads(alice.owner, [{ cid: open! }, { cid }]);
    await expect(both).rejects.toBeInstanceOf(Unauthorised);
  });
});

test('a node without an object store offers neither, and says so', async () => {
  const { node } = createBench();
  const alice = await TestAccount.signUp(node);
  expect(await node.blocks.properties()).toEqual({
    directWrites: false,
    publicReads: false,
    authorisedReads: false,
  });
  const write = node.blocks.authoriseWrites(alice.owner, alice.home.hash, [], 't');
  await expect(write).rejects.toBeInstanceOf(NotOffered);
  await expect(node.blocks.authoriseReads(alice.owner, [])).rejects.toBeInstanceOf(NotOffered);
});
