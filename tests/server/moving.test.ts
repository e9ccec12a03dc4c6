/**
 * An account moves from one server to another, which fetches it by itself (B-2 §12): two processes
 * of the node on this machine, and what a person's client sends: one request, signed by the identity.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { decodeBlock } from '#lib/codec/index.ts';
import { signRequest, systemRandom } from '#lib/crypto/index.ts';
import { createHttpNode } from '#lib/node-http/index.ts';
import type { MigrationRequest } from '#lib/node/index.ts';
import {
  BATS_LIST_PATH,
  claimChainFromCbor,
  claimChainToCbor,
  createClaimLink,
  NotOffered,
  QuotaExceeded,
  SignUpClosed,
  UnknownUser,
  WrongHost,
} from '#lib/protocol/index.ts';
import { main } from '../../src/server/main.ts';
import { put, read, signInAt, signUpAt, type Client } from './client.ts';
import { temporaryFolder } from './temp-nodes.ts';
import { endProcess, startNodeProcess, type NodeProcess } from './processes.ts';

const LARGE = systemRandom(3_000_000);

interface Place extends NodeProcess {
  readonly folder: string;
  readonly options: readonly string[];
}

async function start(folder: string, ...options: string[]): Promise<Place> {
  const process = await startNodeProcess(['--data', folder, ...options]);
  onTestFinished(() => endProcess(process, 'SIGKILL'));
  return { ...process, folder, options };
}

/** What an operator's command says, beside the node. */
async function give(folder: string, ...words: string[]): Promise<string> {
  const said: string[] = [];
  const say = (line: string): void => void said.push(line);
  const around = { environment: {}, siteFolder: undefined, say, complain: say };
  await main([...words, '--data', folder], around);
  return said.join('\n');
}

const idOf = (place: Place): Promise<string> => give(place.folder, 'id');

/** An old server with alice on it, and a new one that knows it. */
async function twoServers(...options: string[]) {
  const old = await start(temporaryFolder());
  const alice = await signUpAt(old.url, 'alice');
  await put(alice, 'large', LARGE);
  await put(alice, 'small', Uint8Array.of(1, 2, 3));
  const peer = `${await idOf(old)}=${old.url}`;
  const next = await start(temporaryFolder(), '--peer', peer, ...options);
  return { old, next, alice };
}

/** What alice's client asks the new server for. */
async function moving(alice: Client, to: string, usageBytes = 0): Promise<MigrationRequest> {
  const { node } = alice.deps;
  const { identity, home, username } = alice.session;
  const chain = claimChainFromCbor(decodeBlock(await node.names.chain(username)));
  const [expiry, nodeId] = ['2099-01-01', await createHttpNode(to).blocks.nodeId()];
  const link = await createClaimLink(identity, { username, expiry, storageProviders: [nodeId] });
  const auth = await signRequest(identity, BATS_LIST_PATH, Date.now());
  return {
    username,
    chain: claimChainToCbor([...chain.slice(0, -1), link]),
    currentNode: await node.blocks.nodeId(),
    mirrorBat: (await node.bats.list(home.owner, auth)).at(-1),
    linkCountsAfterSeconds: 0,
    usageBytes,
    isCommit: true,
  };
}

async function expectFiles(client: Client): Promise<void> {
  expect(Buffer.compare(await read(client, 'large'), LARGE)).toBe(0);
  expect(await read(client, 'small')).toEqual(Uint8Array.of(1, 2, 3));
}

describe('an account', () => {
  test('is fetched, lives at the new server alone, and is forgotten at the old one', async () => {
    const { old, next, alice } = await twoServers();
    await createHttpNode(next.url).names.migrate(await moving(alice, next.url));
    const moved = await signInAt(next.url, 'alice');
    await expectFiles(moved);
    await put(moved, 'new', Uint8Array.of(4));
    // The old one keeps its copy and lets nobody use it.
    await expect(signInAt(old.url, 'alice')).rejects.toBeInstanceOf(UnknownUser);
    await expect(put(alice, 'late', Uint8Array.of(5))).rejects.toBeInstanceOf(WrongHost);
    expect(await give(next.folder, 'remove-account', 'alice')).toContain('has its home here');
    expect(await give(old.folder, 'remove-account', 'alice')).toContain(await idOf(next));
    expect(await give(old.folder, 'users')).not.toContain('alice');
    await endProcess(old, 'SIGKILL');
    await give(next.folder, 'collect');
    await expectFiles(await signInAt(next.url, 'alice'));
  }, 60_000);

  test('arrives whole when the new server is killed on the way', async () => {
    const { next, alice } = await twoServers();
    const request = await moving(alice, next.url);
    const attempt = new AbortController();
    const { names } = createHttpNode(next.url, { signal: attempt.signal });
    const first = names.migrate(request).catch(() => undefined);
    await pause(150);
    await endProcess(next, 'SIGKILL');
    attempt.abort();
    await first;
    const again = await start(next.folder, ...next.options);
    await createHttpNode(again.url).names.migrate(request);
    await expectFiles(await signInAt(again.url, 'alice'));
  }, 60_000);
});

describe('the new server', () => {
  test('takes accounts that it has room for and that are allowed to move here', async () => {
    const { next, alice } = await twoServers('--sign-ups', 'token', '--quota', '1MiB');
    const { names } = createHttpNode(next.url);
    const request = await moving(alice, next.url, 4_000_000);
    await expect(names.migrate(request)).rejects.toBeInstanceOf(SignUpClosed);
    await give(next.folder, 'allow-migration', 'alice');
    await expect(names.migrate(request)).rejects.toBeInstanceOf(QuotaExceeded);
    // Nor by saying that it is less than it is.
    const lie = names.migrate({ ...request, usageBytes: 0 });
    await expect(lie).rejects.toBeInstanceOf(QuotaExceeded);
    await give(next.folder, 'allow-migration', 'alice', '10MiB');
    expect(await give(next.folder, 'tokens', 'list')).toContain('arrival/alice');
    await names.migrate(request);
    await expectFiles(await signInAt(next.url, 'alice'));
    expect(await give(next.folder, 'quota', 'alice')).toContain('of 10 MiB');
    expect(await give(next.folder, 'tokens', 'list')).not.toContain('arrival/alice');
  }, 60_000);

  test('asks nobody whom its operator has not named', async () => {
    const stranger = await start(temporaryFolder());
    const mallory = await signUpAt(stranger.url, 'mallory');
    const { next } = await twoServers();
    const request = await moving(mallory, next.url);
    const refused = createHttpNode(next.url).names.migrate(request);
    await expect(refused).rejects.toBeInstanceOf(NotOffered);
  }, 60_000);

  test('does not follow a peer elsewhere', async () => {
    const asked: string[] = [];
    const serve = async (answer: Parameters<typeof createServer>[1]): Promise<string> => {
      const server = createServer(answer);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void server.close().closeAllConnections());
      return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    };
    const secret = await serve((request, response) => {
      asked.push(request.url ?? '');
      response.end();
    });
    const evil = await serve((request, response) => {
      response.writeHead(302, { location: `${secret}${request.url ?? ''}` }).end();
    });
    const old = await start(temporaryFolder());
    const alice = await signUpAt(old.url, 'alice');
    const peer = `${await idOf(old)}=${evil}`;
    const next = await start(temporaryFolder(), '--peer', peer);
    const request = await moving(alice, next.url);
    await expect(createHttpNode(next.url).names.migrate(request)).rejects.toThrow();
    expect(asked).toEqual([]);
  }, 60_000);
});
