/** A pointer write whose answers are lost is sent again in one place, and settled by reading back. */
import { expect, it } from 'vitest';
import { handleRequest } from '#lib/node-http/index.ts';
import { createHttpNode } from '#lib/node-http/index.ts';
import { NodeUnreachable, PATHS } from '#lib/protocol/index.ts';
import { Commit } from '#lib/writers/index.ts';
import { createTestAccount, depsOn, mapKeyAt } from '#lib/writers/testing.ts';

const SERVER = 'http://node.test';

/** An account on a server that can be reached, but for what `loses` says of a pointer write. */
async function onServer(loses: 'answer' | 'request' | 'nothing') {
  const account = await createTestAccount();
  const { clock } = account.deps;
  const handle = handleRequest(account.node, {
    hosts: [new URL(SERVER).host],
    isPublic: true,
    pageOrigins: [],
    clock,
  });
  const sent: string[] = [];
  const fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const path = new URL(request.url).pathname.slice(1);
    const isWrite = path.endsWith(PATHS.setPointer) || path.endsWith(PATHS.setPointers);
    if (isWrite) sent.push(path);
    if (isWrite && loses === 'request') throw new TypeError('fetch failed');
    const answer = await handle(request);
    if (isWrite && loses === 'answer') throw new TypeError('fetch failed');
    return answer;
  };
  const deps = { ...depsOn(createHttpNode(SERVER, { fetch })), pause: () => Promise.resolve() };
  const commit = new Commit(deps, account.owner);
  const stored = commit.putCbor(account.home, 'content');
  await commit.setMapped(account.home, mapKeyAt(1), undefined, stored);
  return { commit, sent };
}

it.each([
  ['nothing', 1],
  ['answer', 3],
] as const)('with %s lost it is made, and sent %i times', async (lost, times) => {
  const { commit, sent } = await onServer(lost);
  await commit.commit();
  expect(sent).toHaveLength(times);
});

it('that never comes to the server fails after three times', async () => {
  const { commit, sent } = await onServer('request');
  await expect(commit.commit()).rejects.toBeInstanceOf(NodeUnreachable);
  expect(sent).toHaveLength(3);
});
