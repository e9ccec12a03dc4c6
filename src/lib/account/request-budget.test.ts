/** How many requests the walks of a day take against our own server, with caches cold and old. */
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { startCrypto } from '#lib/crypto/index.ts';
import { createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { bytesSource, Drive, type Handle } from '#lib/drive/index.ts';
import { createHttpNode, handleRequest } from '#lib/node-http/index.ts';
import { createBlockCache, createPointerMemory } from '#lib/writers/index.ts';
import { signIn } from './sign-in.ts';
import { signUp } from './sign-up.ts';
import { createSystemFolders } from './system-folders.ts';
import { cheapAlgorithm, createPlace, seededRandom, type TestPlace } from './testing.ts';

const MIB = 1024 * 1024;
const ACCOUNT = { username: 'alice', password: 'tvQ7-mellow-garnet-94' };
/** Longer than a pointer is taken to be good. */
const A_WHILE_MS = 60_000;

const time = { nowMs: 1_795_423_041_900 };
let place: TestPlace;
let devices = 0;

beforeAll(() => startCrypto());
beforeEach(() => {
  place = createPlace('budget', { clock: () => time.nowMs });
});

/** A browser or a command line: nothing in its caches, and a count of its requests. */
function device() {
  const requests: string[] = [];
  const random = seededRandom(`device ${devices++}`);
  const clock = () => time.nowMs;
  const hosts = ['node.test'];
  const handle = handleRequest(place.node, { hosts, isPublic: true, pageOrigins: [], clock });
  const fetch = (request: Request): Promise<Response> => {
    requests.push(new URL(request.url).pathname);
    return handle(request);
  };
  const node = createHttpNode('http://node.test', { clock, random, fetch });
  return {
    deps: {
      node,
      random,
      clock,
      pointerMemory: createPointerMemory(),
      blockCache: createBlockCache(24 * MIB),
      cipher: createLocalChunkCipher(random),
    },
    requests,
    /** The requests of `work`, a while after what was before. */
    async count(work: () => Promise<unknown>, afterMs = A_WHILE_MS): Promise<number> {
      time.nowMs += afterMs;
      requests.length = 0;
      await work();
      return requests.length;
    },
  };
}

const file = (name: string, sizeBytes: number) => ({
  path: [name],
  source: bytesSource(new Uint8Array(sizeBytes).fill(name.length)),
});

async function byteAt(drive: Drive, handle: Handle, offset: number): Promise<void> {
  const reading = drive.read(handle, offset, offset + 10);
  expect((await reading.next()).value).toHaveLength(10);
  await reading.return();
}

test('signing up takes at most ten, with the folders that are made then', async () => {
  const { deps, requests, count } = device();
  const signingUp = count(async () => {
    const session = await signUp(deps, { ...ACCOUNT, algorithm: cheapAlgorithm() });
    await createSystemFolders(new Drive(deps, session.home));
  });
  expect(await signingUp, requests.join(' ')).toBeLessThanOrEqual(10);
});

test('signing in takes at most five', async () => {
  await signUp(device().deps, { ...ACCOUNT, algorithm: cheapAlgorithm() });
  const { deps, requests, count } = device();
  expect(await count(() => signIn(deps, ACCOUNT)), requests.join(' ')).toBeLessThanOrEqual(5);
});

test('opening a folder of 1,000 files takes at most twelve, and each walk in it few', async () => {
  const first = device();
  const { home } = await signUp(first.deps, { ...ACCOUNT, algorithm: cheapAlgorithm() });
  const made = new Drive(first.deps, home);
  const files = Array.from({ length: 999 }, (_, i) => file(`file ${i}.txt`, 100));
  const big = file('film', 23 * MIB);
  await made.upload(await made.makeDirectory(await made.home(), 'many'), [...files, big]);

  const { deps, requests, count } = device();
  const drive = new Drive(deps, (await signIn(deps, ACCOUNT)).home);
  let folder: Handle | undefined;
  const rows = new Map<string, Awaited<ReturnType<Drive['find']>>>();
  const opening = count(async () => {
    folder = await drive.resolve(['many']);
    for await (const batch of drive.list(folder)) for (const row of batch) rows.set(row.name, row);
  });
  expect(await opening, requests.join(' ')).toBeLessThanOrEqual(12);
  expect(rows.size).toBe(1000);

  let film: Handle | undefined;
  const firstByte = async () => {
    film = await drive.open(folder!, rows.get('film')!);
    await byteAt(drive, film, 0);
  };
  expect(await count(firstByte, 0), requests.join(' ')).toBeLessThanOrEqual(2);
  const again = count(() => byteAt(drive, film!, 2 * MIB));
  expect(await again, requests.join(' ')).toBeLessThanOrEqual(2);
  const seeking = count(() => byteAt(drive, film!, 17 * MIB), 0);
  expect(await seeking, requests.join(' ')).toBeLessThanOrEqual(2);
});

test('uploading a file of 1 MiB takes at most six, even when nothing was read for a while', async () => {
  const { deps, requests, count } = device();
  const { home } = await signUp(deps, { ...ACCOUNT, algorithm: cheapAlgorithm() });
  const drive = new Drive(deps, home);
  const folder = await drive.home();
  const uploading = count(() => drive.upload(folder, [file('photo', MIB)]));
  expect(await uploading, requests.join(' ')).toBeLessThanOrEqual(6);
});
