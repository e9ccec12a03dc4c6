/** A node as a client meets it: over real sockets, from the first start to the stop. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { SignUpClosed } from '#lib/protocol/index.ts';
import { silentLog } from '../../src/server/observe/log.ts';
import { FolderInUse, openNodeStores, startServer } from '../../src/server/index.ts';
import { put, read, signInAt, signUpAt } from './client.ts';
import { startNode, temporaryFolder } from './temp-nodes.ts';

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 31) % 251);

test('keeps what a person stored, over a restart', async () => {
  const first = await startNode();
  const alice = await signUpAt(first.url, 'alice');
  await put(alice, 'six.bin', bytes(6_000_000));
  await put(alice, 'empty', new Uint8Array());
  await first.close();
  const second = await startNode({ dataFolder: first.dataFolder });
  const again = await signInAt(second.url, 'alice');
  expect(Buffer.compare(await read(again, 'six.bin'), bytes(6_000_000))).toBe(0);
  expect(await read(again, 'empty')).toEqual(new Uint8Array());
});

test('takes the first person by its one link, whom it makes an operator, and nobody without one', async () => {
  const node = await startNode({ signUps: 'token' });
  await expect(signUpAt(node.url, 'mallory')).rejects.toBeInstanceOf(SignUpClosed);
  const token = node.operatorToken;
  await signUpAt(node.url, 'alice', token);
  expect(await node.node.operator.operators()).toEqual(['alice']);
  await expect(signUpAt(node.url, 'mallory', token)).rejects.toBeInstanceOf(SignUpClosed);
  const invitation = await node.node.operator.createInvitation();
  await signUpAt(node.url, 'bob', invitation);
  expect(await node.node.operator.operators()).toEqual(['alice']);
  await node.close();
  const again = await startNode({ signUps: 'token', dataFolder: node.dataFolder });
  expect(again.operatorToken).toBeUndefined();
});

test('names the host of links: its public one, else where it listens on this machine', async () => {
  const here = await startNode();
  const { deps, session } = await signUpAt(here.url, 'alice');
  expect(await deps.node.links.host(session.home.owner)).toBe(new URL(here.url).host);
  const { node } = await startNode({ publicHosts: ['drive.example.org', 'other.example.org'] });
  expect(await node.links.host(session.home.owner)).toBe('drive.example.org');
});

test('gives the name of an operator to nobody who was not invited', async () => {
  const node = await startNode({ operators: ['boss'] });
  await signUpAt(node.url, 'alice');
  await expect(signUpAt(node.url, 'boss')).rejects.toBeInstanceOf(SignUpClosed);
  await signUpAt(node.url, 'boss', await node.node.operator.createInvitation());
});

test('asks a new name for the work that is set, and takes it', async () => {
  const node = await startNode({ signUpWorkBits: 12 });
  await signUpAt(node.url, 'alice');
  const metrics = await (await fetch(`${node.url}/metrics`)).text();
  // Without work first, as the protocol asks, then with it.
  expect(metrics).toMatch(
    /^pyrgos_requests_total\{endpoint="peergos\/v0\/core\/signup",status="200"\} 2$/mu,
  );
});

test('makes the link of the first start anew while nobody has used it; the old one ends', async () => {
  const first = await startNode({ signUps: 'closed' });
  await first.close();
  const second = await startNode({ signUps: 'closed', dataFolder: first.dataFolder });
  const { operatorToken } = first;
  await expect(signUpAt(second.url, 'mallory', operatorToken)).rejects.toBeInstanceOf(SignUpClosed);
  await signUpAt(second.url, 'alice', second.operatorToken);
});

test('has its folder for itself, and says where the one that has it is', async () => {
  const node = await startNode();
  const start = startServer({ dataFolder: node.dataFolder, port: 0, log: silentLog });
  await expect(start).rejects.toBeInstanceOf(FolderInUse);
  await expect(start).rejects.toThrow(node.url);
  await expect(openNodeStores(node.dataFolder)).rejects.toBeInstanceOf(FolderInUse);
  await node.close();
  await (await openNodeStores(node.dataFolder)).close();
});

test('leaves nothing open when the port is taken', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;
  const dataFolder = join(temporaryFolder(), 'data');
  await expect(startServer({ dataFolder, port, log: silentLog })).rejects.toHaveProperty(
    'code',
    'EADDRINUSE',
  );
  await (await openNodeStores(dataFolder)).close();
});

test('ends a request that is under way before it stops, and takes no new one', async () => {
  const node = await startNode({ stopWithinMs: 5000 });
  const alice = await signUpAt(node.url, 'alice');
  const upload = put(alice, 'large', bytes(3_000_000));
  await new Promise((resolve) => setTimeout(resolve, 50));
  await node.close();
  alice.leave();
  await Promise.allSettled([upload]);
  await expect(fetch(`${node.url}/healthz`)).rejects.toThrow();
  expect(node.logged.some((line) => line.includes('"event":"failed"'))).toBe(false);
});

test('says of itself how it is, and counts, to this machine alone', async () => {
  const node = await startNode({ metricsToken: 'secret-token', publicHosts: ['drive.example'] });
  await signUpAt(node.url, 'alice');
  expect(await (await fetch(`${node.url}/healthz`)).text()).toBe('ok\n');
  const text = await (await fetch(`${node.url}/metrics`)).text();
  expect(text).toMatch(
    /^pyrgos_requests_total\{endpoint="peergos\/v0\/core\/signup",status="200"\} 1$/mu,
  );
  expect(text).toMatch(/^process_resident_memory_bytes \d+$/mu);
  expect(text).not.toContain('alice');
  const through = { 'X-Forwarded-For': '203.0.113.7' };
  expect((await fetch(`${node.url}/metrics`, { headers: through })).status).toBe(404);
  const shown = { ...through, Authorization: 'Bearer secret-token' };
  expect((await fetch(`${node.url}/metrics`, { headers: shown })).status).toBe(200);
});

test('guesses at the token of its metrics end after a few, from each address', async () => {
  const node = await startNode({
    metricsToken: 'secret-token',
    publicHosts: ['drive.example'],
    trustedProxies: ['127.0.0.1'],
  });
  const ask = (token: string, address: string) =>
    fetch(`${node.url}/metrics`, {
      headers: { 'X-Forwarded-For': address, Authorization: `Bearer ${token}` },
    }).then(({ status }) => status);
  const statuses: number[] = [];
  for (let i = 0; i < 60; i++) statuses.push(await ask(`guess-${String(i)}`, '203.0.113.7'));
  expect(statuses.slice(0, 30)).toEqual(Array(30).fill(404));
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(10);
  // One that is right is not looked at either: it would be a guess like the others.
  expect(await ask('secret-token', '203.0.113.7')).toBe(429);
  expect(await ask('secret-token', '203.0.113.8')).toBe(200);
});

test('logs what happened, and no name, no query, no secret', async () => {
  const node = await startNode();
  const alice = await signUpAt(node.url, 'alice-in-the-log');
  await put(alice, 'file', bytes(100));
  await signInAt(node.url, 'alice-in-the-log');
  await fetch(`${node.url}/public/alice-in-the-log/secret-path`);
  const log = node.logged.join('');
  expect(log).toContain('"endpoint":"peergos/v0/login/getLogin"');
  for (const line of node.logged) JSON.parse(line);
  expect(log).not.toMatch(/alice|secret-path|auth=|owner=|z59v|127\.0\.0\.1/u);
});
