/** Folders in a writing space of their own, behind a link node (A-8 §9): as write-sharing leaves them. */
import { expect, it } from 'vitest';
import {
  buildDirectoryNode,
  childEntry,
  parentLinkTo,
  randomLocation,
  withChildren,
  type Capability,
  type ChildToWrite,
  type FileProperties,
} from '#lib/cryptree/index.ts';
import type { Signer } from '#lib/crypto/index.ts';
import { SigningKeyPair, SymmetricKey } from '#lib/crypto/index.ts';
import { EMPTY_CHAMP_CID } from '#lib/champ/index.ts';
import { Commit, Snapshot } from '#lib/writers/index.ts';
import { depsOn, seededRandom } from '#lib/writers/testing.ts';
import { Drive } from './index.ts';
import {
  bytesOf,
  chunksOf,
  countMapped,
  createTestDrive,
  driveDeps,
  namesOf,
  patternOf,
  put,
  ownRowsOf,
  rowsOf,
  withoutBlocks,
  type TestDrive,
} from './testing.ts';

/** Puts a folder “team” with its own writer into the home. Returns its capability and signer. */
async function addShared(test: TestDrive): Promise<{ target: Capability; signer: Signer }> {
  const { home, account } = test;
  const random = seededRandom(41);
  const { node: homeNode } = await test.drive.home();
  const pair = SigningKeyPair.random(random);
  const commit = new Commit(depsOn(account.node, random), home.owner);
  const signer = await commit.createWriter(home.signer, pair);
  const capabilityIn = (writer: Capability['writer']): Capability => ({
    owner: home.owner,
    writer,
    readKey: SymmetricKey.random(random),
    writeKey: SymmetricKey.random(random),
    ...randomLocation(random),
  });
  const now = { seconds: 1_900_000_000, nanos: 0 };
  const properties: FileProperties = {
    name: 'team',
    isDirectory: true,
    isLink: false,
    mimeType: '',
    sizeBytes: 0,
    modified: now,
    created: now,
    isHidden: false,
  };
  const [link, target] = [capabilityIn(home.signer.hash), capabilityIn(signer.hash)];
  const linkKey = SymmetricKey.random(random);
  const store = async (by: Signer, at: Capability, fields: object, children: ChildToWrite[]) => {
    const built = await buildDirectoryNode(
      {
        capability: at,
        next: randomLocation(random),
        properties,
        parentKey: SymmetricKey.random(random),
        parent: undefined,
        children,
        ...fields,
      },
      random,
    );
    await commit.setMapped(by, at.mapKey, undefined, commit.putCbor(by, built.value));
  };
  const up = parentLinkTo({ capability: link, parentKey: linkKey }, target.writer);
  await store(signer, target, { parent: up, signer }, []);
  const linkFields = {
    parent: parentLinkTo(homeNode, link.writer),
    parentKey: linkKey,
    properties: { ...properties, isLink: true },
  };
  await store(home.signer, link, linkFields, [childEntry(link, target, properties, random)]);
  const entry = childEntry(home.capability, link, properties, random);
  const listed = await withChildren(homeNode, [entry], random);
  const cid = commit.putCbor(home.signer, listed.value);
  await commit.setMapped(home.signer, home.capability.mapKey, homeNode.cid, cid);
  await commit.commit();
  return { target, signer };
}

async function stateOf({ account }: TestDrive, signer: Signer) {
  return new Snapshot(depsOn(account.node), account.owner).state(signer.hash);
}

it('is written to, renamed, hidden and moved like any other', async () => {
  const test = await createTestDrive({ chunkBytes: 64 });
  const { target, signer } = await addShared(test);
  const { drive } = test;
  const team = await drive.resolve(['team']);
  expect(team.capability.mapKey).toEqual(target.mapKey);
  expect(team.link).toBeDefined();
  await put(drive, team, 'plan.txt', patternOf(100));
  await put(drive, team, 'film', patternOf(900, 2));
  await drive.makeDirectory(team, 'inner');
  expect((await stateOf(test, signer)).sequence).toBeGreaterThan(3);
  const home = await drive.home();
  const [row] = (await rowsOf(drive, home)).filter(({ name }) => name === 'team');
  await drive.rename(home, row!, 'crew');
  const other = await drive.makeDirectory(home, 'other');
  const crew = (await rowsOf(drive, home)).filter(({ name }) => name === 'crew');
  await drive.setProperties(await drive.open(home, crew[0]!), { isHidden: true });
  await drive.move(home, crew, other);
  const fresh = test.another();
  const moved = await fresh.resolve(['other', 'crew']);
  expect(moved.properties).toMatchObject({ name: 'crew', isHidden: true });
  expect(await namesOf(fresh, moved)).toEqual(['film', 'inner', 'plan.txt']);
  const film = await fresh.resolve(['other', 'crew', 'film']);
  expect(await bytesOf(fresh, film)).toEqual(patternOf(900, 2));
  const inside = await fresh.move(await fresh.home(), await ownRowsOf(fresh, home), moved).then(
    () => 'none',
    (error: unknown) => (error as Error).name,
  );
  expect(inside).toBe('MoveIntoItself');
});

it('gives and takes files across the border, with their contents where they are', async () => {
  const test = await createTestDrive({ chunkBytes: 64 });
  await addShared(test);
  const { drive } = test;
  const home = await drive.home();
  const team = await drive.resolve(['team']);
  const [chunk] = await chunksOf(test, await put(drive, home, 'mine', patternOf(300)));
  await drive.move(
    home,
    (await rowsOf(drive, home)).filter(({ name }) => name === 'mine'),
    team,
  );
  expect(await namesOf(drive, home)).not.toContain('mine');
  const moved = await drive.resolve(['team', 'mine']);
  expect(moved.capability.writer.equals(team.capability.writer)).toBe(true);
  expect((await chunksOf(test, moved))[0]!.fpct.fragments).toEqual(chunk!.fpct.fragments);
  expect(await bytesOf(drive, moved)).toEqual(patternOf(300));
});

it('a move that is skipped or refused at the border takes nothing away', async () => {
  const test = await createTestDrive({ chunkBytes: 64 });
  await addShared(test);
  const { drive } = test;
  const home = await drive.home();
  const team = await drive.resolve(['team']);
  await put(drive, home, 'f', patternOf(300));
  await put(drive, team, 'f', patternOf(30, 1));
  const row = (await rowsOf(drive, home)).filter(({ name }) => name === 'f');
  await drive.move(home, row, team, { onConflict: 'skip' });
  await expect(drive.move(home, row, team)).rejects.toThrow('already exists');
  expect(await bytesOf(drive, await drive.resolve(['f']))).toEqual(patternOf(300));
  await drive.move(home, row, team, { onConflict: 'replace' });
  expect(await bytesOf(drive, await drive.resolve(['team', 'f']))).toEqual(patternOf(300));
  expect(await namesOf(drive, home)).toEqual(['.transactions', 'team']);
});

it('a move across the border leaves what cannot be read where it was, and moves the rest', async () => {
  const test = await createTestDrive({ chunkBytes: 5000 });
  await addShared(test);
  const home = await test.drive.home();
  const folder = await test.drive.makeDirectory(home, 'folder');
  const film = await put(test.drive, folder, 'film', patternOf(9000));
  await put(test.drive, folder, 'note', patternOf(10));
  await put(test.drive, home, 'whole', patternOf(10));
  const lost = withoutBlocks(test.account.node, [film.node.cid]);
  const drive = test.another(lost);
  const rows = (await ownRowsOf(drive, home)).filter(({ name }) => name !== 'team');
  const moving = drive.move(home, rows, await drive.resolve(['team']));
  await expect(moving).rejects.toMatchObject({
    name: 'MoveIncomplete',
    leftOut: [{ path: ['folder'], error: { name: 'BlockMissing' } }],
  });
  expect(await namesOf(drive, home)).toEqual(['.transactions', 'folder', 'team']);
  expect(await namesOf(drive, await drive.resolve(['folder']))).toEqual(['film', 'note']);
  expect(await namesOf(drive, await drive.resolve(['team']))).toEqual(['whole']);
});

it('ends with its folder: link, key and pointer go', async () => {
  const test = await createTestDrive({ chunkBytes: 64 });
  const { signer } = await addShared(test);
  const { drive, account } = test;
  await put(drive, await drive.resolve(['team']), 'plan.txt', patternOf(100));
  const home = await drive.home();
  await drive.remove(home, await ownRowsOf(drive, home));
  // The home, and the folder of upload records.
  expect(await countMapped(test)).toBe(2);
  expect((await stateOf(test, signer)).data).toBeUndefined();
  expect((await stateOf(test, account.home)).data?.owned?.equals(EMPTY_CHAMP_CID)).toBe(true);
});

it('a reader can read, and gets a named error when writing', async () => {
  const test = await createTestDrive({ chunkBytes: 64 });
  const { drive, account, home } = test;
  const folder = await drive.makeDirectory(await drive.home(), 'folder');
  await put(drive, folder, 'f', patternOf(200));
  const capability = { ...home.capability, writeKey: undefined };
  const deps = driveDeps(account.node, seededRandom(9), account, { chunkBytes: 64 });
  const reader = new Drive(deps, { ...home, capability });
  const file = await reader.resolve(['folder', 'f']);
  expect(file.signer).toBeUndefined();
  expect(await bytesOf(reader, file)).toEqual(patternOf(200));
  const at = await reader.resolve(['folder']);
  const attempts = [
    reader.makeDirectory(at, 'x'),
    reader.truncate(file, 1),
    reader.remove(at, await rowsOf(reader, at)),
    put(reader, at, 'y', patternOf(1)),
  ];
  for (const attempt of attempts) await expect(attempt).rejects.toThrow('but not change it');
  expect(await namesOf(drive, folder)).toEqual(['f']);
});
