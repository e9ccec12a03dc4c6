/** A look-up goes through client, cache, queue and snapshot; its blocks are hashed once. */
import { expect, it } from 'vitest';
import { toHex } from '#lib/bytes/index.ts';
import { decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import { countingHashes } from '#lib/crypto/testing.ts';
import { handleRequest } from '#lib/node-http/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { Commit, Snapshot } from '#lib/writers/index.ts';
import { createTestAccount, depsOn, mapKeyAt } from '#lib/writers/testing.ts';
import { createServerNode } from './server-node.ts';

const SERVER = 'http://node.test';
const FILES = 100;
const ASKED = [1, 7, 23, 42, 99];
/** Unlike any other block in the test, so that its hashes can be told apart. */
const contentOf = (i: number): string => `content of file ${i}`;

/** An account on a server, and how a browser sees it. */
async function onServer() {
  const account = await createTestAccount();
  const commit = new Commit(account.deps, account.owner);
  for (let i = 0; i < FILES; i++) {
    const stored = commit.putCbor(account.home, contentOf(i));
    await commit.setMapped(account.home, mapKeyAt(i), undefined, stored);
  }
  await commit.commit();
  const clock = account.deps.clock;
  const answer = handleRequest(account.node, {
    hosts: [new URL(SERVER).host],
    isPublic: true,
    pageOrigins: [],
    clock,
  });
  const fetch = (input: RequestInfo | URL, init?: RequestInit): Promise<Response> =>
    answer(new Request(input, init));
  const { cached, node } = createServerNode(SERVER, createMemoryStores(), clock, {
    http: { fetch },
  });
  const read = async (): Promise<void> => {
    const snapshot = new Snapshot(depsOn(node), account.owner);
    const requests = ASKED.map((i) => ({ mapKey: mapKeyAt(i) }));
    const found = await snapshot.lookupMany(account.home.hash, requests);
    expect(found.map((each) => each && 'block' in each && decodeBlock(each.block))).toEqual(
      ASKED.map(contentOf),
    );
  };
  return { read, settled: () => cached.settled() };
}

it.each([
  ['when the server answers', false],
  ['when this browser has kept them', true],
])('hashes each block of a look-up once %s', async (_, isKept) => {
  const { read, settled } = await onServer();
  if (isKept) {
    await read();
    await settled();
  }
  const counts = await countingHashes(async () => {
    await read();
    await settled();
  });
  const hashes = ASKED.map((i) => counts.get(toHex(encodeCbor(contentOf(i)))));
  expect(hashes).toEqual(ASKED.map(() => 1));
});
