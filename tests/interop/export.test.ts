/** Accounts of other clients taken out of one node and put into another, and what must not pass. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { exportOwnAccount, signIn, signUp } from '#lib/account/index.ts';
import { importAccount, type Archive } from '#lib/archive/index.ts';
import { fromHex, toHex } from '#lib/bytes/index.ts';
import { newLoginAlgorithm, systemRandom } from '#lib/crypto/index.ts';
import { Drive } from '#lib/drive/index.ts';
import { createLocalNode } from '#lib/node-local/index.ts';
import type { LocalNodeDeps } from '#lib/node-local/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { deviceOn, loadSet, readTree, signInTo } from '../../scripts/interop-read.ts';
import type { LoadedSet, Row } from '../../scripts/interop-read.ts';
import { setUsers, type SetUser } from './sets.ts';

interface Files {
  readonly description: string;
  readonly car: Uint8Array;
}

const NOW_MS = 1_795_430_467_852;
/** The least cost a reader accepts, so that a test need not wait. */
const CHEAP = { ...newLoginAlgorithm(systemRandom), m: 17 };

function emptyHouse(): LocalNodeDeps {
  return { ...createMemoryStores(), clock: () => NOW_MS, random: systemRandom };
}

function archiveOf({ description, car }: Files): Archive {
  return { description, blocks: inPieces(car, 50_001) };
}

async function* inPieces(bytes: Uint8Array, length: number) {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

async function exported({ folder, username, password }: SetUser): Promise<Files> {
  const set = await loadSet(folder, username, failOnDamage);
  return takeOut(set, password);
}

function exportedFrom(deps: LocalNodeDeps, { username, password }: SetUser): Promise<Files> {
  return takeOut({ username, node: createLocalNode(deps), clock: deps.clock }, password);
}

async function takeOut(set: LoadedSet, password: string): Promise<Files> {
  const { username } = set;
  const account = await exportOwnAccount(deviceOn(set), { username, password });
  const pieces: Uint8Array[] = [];
  for await (const piece of account.blocks) pieces.push(piece);
  return { description: account.description(), car: new Uint8Array(Buffer.concat(pieces)) };
}

function failOnDamage(sentence: string): never {
  throw new Error(sentence);
}

async function rowsIn(deps: LocalNodeDeps, { username, password }: SetUser): Promise<Row[]> {
  const set = { username, node: createLocalNode(deps), clock: deps.clock };
  const device = deviceOn(set);
  const session = await signInTo(set, device, password);
  const rows: Row[] = [];
  for await (const row of readTree(device, session, failOnDamage)) rows.push(row);
  return rows;
}

async function isEmpty(deps: LocalNodeDeps, username: string): Promise<boolean> {
  const node = createLocalNode(deps);
  const owner = await node.names.publicKey(username);
  return owner === undefined && (await node.storedBytes()) === 0;
}

describe.each(setUsers)('$username of $folder', (user) => {
  it('is the same after a round through files', { timeout: 120_000 }, async () => {
    const files = await exported(user);
    const deps = emptyHouse();
    const result = await importAccount(deps, archiveOf(files));
    expect(result).toMatchObject({ username: user.username, isNew: true });
    expect(await rowsIn(deps, user)).toEqual(user.expected);
    const again = await importAccount(deps, archiveOf(files));
    expect(again.isNew).toBe(false);
    const back = await exportedFrom(deps, user);
    expect(Buffer.compare(back.car, files.car)).toBe(0);
    expect(accountIn(back)).toEqual(accountIn(files));
  });

  it('keeps no password in the files', async () => {
    const { description } = await exported(user);
    expect(description).not.toContain(user.password);
    expect(description).not.toContain('"password"');
  });

  it('comes out of a set with other people in it', { timeout: 120_000 }, async () => {
    const deps = emptyHouse();
    const { username, folder } = user;
    const set = filesOf(folder);
    await importAccount(deps, archiveOf(set), { username });
    expect(await rowsIn(deps, user)).toEqual(user.expected);
    const { storedBytes } = createLocalNode(deps);
    expect(await storedBytes()).toBeLessThan(set.car.length);
  });
});

describe('a file that was damaged on the way', () => {
  const user = setUsers.find(({ username }) => username === 'carol')!;
  let files: Files;
  beforeAll(async () => {
    files = await exported(user);
  });

  async function refused(damaged: Files, name: string): Promise<void> {
    const deps = emptyHouse();
    await expect(importAccount(deps, archiveOf(damaged))).rejects.toMatchObject({ name });
    expect(await isEmpty(deps, user.username)).toBe(true);
  }

  it('is refused when it ends early', async () => {
    const { car } = files;
    await refused({ ...files, car: car.subarray(0, car.length - 1) }, 'TruncatedArchive');
    await refused({ ...files, car: car.subarray(0, 3) }, 'TruncatedArchive');
  });

  it('is refused when a block was changed', async () => {
    const car = files.car.slice();
    car[car.length - 1]! ^= 1;
    await refused({ ...files, car }, 'DamagedBlock');
  });

  it('is refused with the number of all faults', async () => {
    const car = files.car.slice();
    car[car.length - 1]! ^= 1;
    car[car.length - lastSectionBytes(car) - 1]! ^= 1;
    const importing = importAccount(emptyHouse(), archiveOf({ ...files, car }));
    await expect(importing).rejects.toMatchObject({
      name: 'DamagedBlock',
      message: expect.stringContaining('In all 2 parts of the account') as string,
      faults: [{ name: 'DamagedBlock' }, { name: 'DamagedBlock' }],
    });
  });

  it('is refused when a block is missing, even if the counts were adapted', async () => {
    const car = files.car.subarray(0, files.car.length - lastSectionBytes(files.car));
    await refused({ ...files, car }, 'IncompleteArchive');
    const description = withoutCounts(files.description);
    await refused({ description, car }, 'AccountDamaged');
  });

  it('is refused when a pointer was signed by nobody', async () => {
    const description = changed(files.description, (account) => {
      const pointer = account.pointers[0]!;
      pointer.signed = flipped(pointer.signed);
    });
    await refused({ ...files, description }, 'AccountDamaged');
  });

  it('is refused when the claim was changed', async () => {
    const description = changed(files.description, (account) => {
      account.pkiChain = flippedAtEnd(account.pkiChain);
    });
    await refused({ ...files, description }, 'BadClaimChain');
  });

  it('is refused when the login record is none', async () => {
    const description = changed(files.description, (account) => {
      account.login!.entryPoints = '80ff';
    });
    await refused({ ...files, description }, 'MalformedDescription');
  });

  it('is refused when it was aborted, and leaves nothing', async () => {
    const deps = emptyHouse();
    const abort = new AbortController();
    const signal = abort.signal;
    const onProgress = () => abort.abort();
    const work = importAccount(deps, archiveOf(files), { signal, onProgress });
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
    expect(await isEmpty(deps, user.username)).toBe(true);
  });
});

describe('an account that is here already', () => {
  const user = setUsers.find(({ username }) => username === 'bob')!;

  it('is not overwritten by another one of its name', async () => {
    const deps = emptyHouse();
    const device = deviceOn({ username: 'bob', node: createLocalNode(deps), clock: deps.clock });
    const password = 'somebody else altogether';
    const own = await signUp(device, { username: 'bob', password, algorithm: CHEAP });
    const work = importAccount(deps, archiveOf(await exported(user)));
    await expect(work).rejects.toMatchObject({ name: 'NameTaken' });
    const session = await signIn(device, { username: 'bob', password });
    expect(session.identity.hash.equals(own.identity.hash)).toBe(true);
  });

  it('loses no writer to an archive that claims it', async () => {
    const deps = emptyHouse();
    const bob = await exported(user);
    await importAccount(deps, archiveOf(bob));
    const files = await exported(setUsers.find(({ username }) => username === 'carol')!);
    const stolen = pointersIn(bob, 'bob').map((pointer) => ({ ...pointer, owner: undefined }));
    const description = changed(files.description, (account) => account.pointers.push(...stolen));
    const work = importAccount(deps, { ...archiveOf(files), description });
    await expect(work).rejects.toMatchObject({ name: 'UnknownWriter' });
    expect(await rowsIn(deps, user)).toEqual(user.expected);
  });

  it('is not put back to an older state', async () => {
    const deps = emptyHouse();
    const files = await exported(user);
    await importAccount(deps, archiveOf(files));
    const set = { username: 'bob', node: createLocalNode(deps), clock: deps.clock };
    const device = deviceOn(set);
    const { home } = await signInTo(set, device, user.password);
    const drive = new Drive(device, home);
    await drive.makeDirectory(await drive.home(), 'newer');
    const work = importAccount(deps, archiveOf(files));
    await expect(work).rejects.toMatchObject({ name: 'AccountExists' });
    const paths = (await rowsIn(deps, user)).map(({ path }) => path);
    expect(paths).toContain('/bob/newer');
  });
});

/** Everything but how much a node counts and allows. */
function accountIn({ description }: Files): unknown {
  const { users } = JSON.parse(description) as { users: Record<string, object> };
  return Object.entries(users).map(([name, account]) => [
    name,
    { ...account, quota: 0, usage: 0, linkCounts: [] },
  ]);
}

interface WrittenUser {
  pkiChain: string;
  login: { entryPoints: string } | null;
  pointers: { signed: string }[];
}

function changed(description: string, change: (account: WrittenUser) => void): string {
  const whole = JSON.parse(description) as { users: Record<string, WrittenUser> };
  change(whole.users['carol']!);
  return JSON.stringify(whole);
}

function pointersIn({ description }: Files, username: string): { signed: string }[] {
  const { users } = JSON.parse(description) as { users: Record<string, WrittenUser> };
  return users[username]!.pointers;
}

function withoutCounts(description: string): string {
  return JSON.stringify({ ...(JSON.parse(description) as object), blockstore: undefined });
}

function flipped(hex: string): string {
  const bytes = fromHex(hex);
  bytes[0]! ^= 1;
  return toHex(bytes);
}

function flippedAtEnd(hex: string): string {
  const bytes = fromHex(hex);
  bytes[bytes.length - 100]! ^= 1;
  return toHex(bytes);
}

/** Walks the lengths of the file. */
function lastSectionBytes(car: Uint8Array): number {
  let at = 0;
  let last = 0;
  while (at < car.length) {
    let length = 0;
    let shift = 0;
    let start = at;
    do length += (car[start]! & 0x7f) << shift;
    while (((shift += 7), car[start++]! >= 0x80));
    last = start + length - at;
    at += last;
  }
  return last;
}

function filesOf(folder: string): Files {
  return {
    description: readFileSync(join(folder, 'node.json'), 'utf8'),
    car: readFileSync(join(folder, 'blocks.car')),
  };
}
