/** How many requests a browser sends to its server for what people do with each other. */
import { expect, it } from 'vitest';
import { bytesSource } from '#lib/drive/index.ts';
import { handleRequest } from '#lib/node-http/index.ts';
import type { TestPlace } from '#lib/account/testing.ts';
import type { Recipient } from '#lib/social/index.ts';
import { befriend, createTown, putText, settle, type TestPerson } from '#lib/social/testing.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { createServerNode } from './server-node.ts';

const SERVER = 'http://node.test';
const FILES = 1_000;

interface Device extends TestPerson {
  /** Paths of the requests of an act, without the query. */
  requestsOf(act: () => Promise<unknown>): Promise<string[]>;
}

/** A browser of a person that has opened the drive and knows who is who. */
async function browserOf(town: TestPlace, person: TestPerson): Promise<Device> {
  const sent: string[] = [];
  const answer = handleRequest(town.node, {
    hosts: [new URL(SERVER).host],
    isPublic: true,
    pageOrigins: [],
    clock: town.clock,
  });
  const fetch = (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    sent.push(new URL(request.url).pathname);
    return answer(request);
  };
  const { node } = createServerNode(SERVER, createMemoryStores(), town.clock, { http: { fetch } });
  const device = person.onNode(node as unknown as TestPlace['node']);
  await device.drive.home();
  await device.follow.state();
  const requestsOf = async (act: () => Promise<unknown>): Promise<string[]> => {
    sent.length = 0;
    await act();
    return [...sent];
  };
  return Object.assign(device, { requestsOf });
}

it('becoming friends takes at most 20 requests: 8 to ask, 12 to answer; then the asker reads the answer with 7', async () => {
  const town = createTown();
  const alice = await browserOf(town, await settle(town, 'alice'));
  const bob = await browserOf(town, await settle(town, 'bob'));
  const asking = await alice.requestsOf(() => alice.follow.request('bob'));
  const hearing = await bob.requestsOf(() => bob.follow.state());
  const answering = await bob.requestsOf(() => bob.follow.answer('alice', 'follow-back'));
  const ending = await alice.requestsOf(() => alice.follow.state());
  const friends = [asking, hearing, answering].flat().length;
  expect(asking.length, asking.join('\n')).toBeLessThanOrEqual(8);
  expect(answering.length, answering.join('\n')).toBeLessThanOrEqual(12);
  expect(friends).toBeLessThanOrEqual(20);
  expect(ending.length, ending.join('\n')).toBeLessThanOrEqual(7);
});

it('a friend’s folder of 1,000 files is opened with at most 12 requests', async () => {
  const town = createTown();
  const alice = await settle(town, 'alice');
  const bob = await settle(town, 'bob');
  await befriend(alice, bob);
  const items = Array.from({ length: FILES }, (_, i) => ({
    path: ['many', `file ${String(i)}.txt`],
    source: bytesSource(new Uint8Array([i])),
  }));
  await alice.drive.upload(await alice.drive.home(), items);
  await alice.sharing.share([['alice', 'many']], [{ kind: 'person', username: 'bob' }], 'read');
  const browser = await browserOf(town, bob);
  await browser.mount();
  await browser.drive.roots.open('alice');
  let rows = 0;
  const requests = await browser.requestsOf(async () => {
    const root = await browser.drive.roots.open('alice');
    const folder = await browser.drive.open(root, (await browser.drive.find(root, 'many'))!);
    for await (const page of browser.drive.list(folder)) rows += page.length;
  });
  expect(rows).toBe(FILES);
  expect(requests.length, requests.join('\n')).toBeLessThanOrEqual(12);
});

it(
  'sharing with ten people takes at most 8 requests more than with one',
  { timeout: 180_000 },
  async () => {
    const share = async (names: readonly string[]): Promise<string[]> => {
      const town = createTown();
      const alice = await settle(town, 'alice');
      for (const name of names) await befriend(alice, await settle(town, name));
      await putText(alice, ['docs', 'plan.txt'], 'the plan');
      const browser = await browserOf(town, alice);
      const to = names.map((username): Recipient => ({ kind: 'person', username }));
      await browser.sharing.share([['alice', 'docs']], to, 'read');
      return browser.requestsOf(() =>
        browser.sharing.share([['alice', 'docs', 'plan.txt']], to, 'read'),
      );
    };
    const one = await share(['bob']);
    const ten = await share(Array.from({ length: 10 }, (_, i) => `friend${String(i)}`));
    expect(ten.length, ten.join('\n')).toBeLessThanOrEqual(one.length + 8);
  },
);
