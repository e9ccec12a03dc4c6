/** Files whose keys were rotated away from their data (A-8 §10): written to only after cleaning. */
import { expect, it } from 'vitest';
import { parentLinkTo, rotateSubtree } from '#lib/cryptree/index.ts';
import { seededRandom } from '#lib/writers/testing.ts';
import { Change } from './change.ts';
import { FolderEdit } from './folder-edit.ts';
import { bytesSource, type Handle } from './index.ts';
import { fragmentsOf, openAt } from './nodes.ts';
import {
  bytesOf,
  countMapped,
  countReachable,
  createTestDrive,
  driveDeps,
  patternOf,
  put,
  type TestDrive,
} from './testing.ts';

const CHUNK = 64;

/** Replaces the keys of a file in the home directory, as revoking read access does. */
async function rotate(test: TestDrive, file: Handle): Promise<void> {
  const { account, home } = test;
  const deps = driveDeps(account.node, seededRandom(55), account, { chunkBytes: CHUNK });
  const change = new Change(deps, home, home.owner);
  const { commit, random } = change;
  const edit = await FolderEdit.load(change, await test.drive.home());
  const { signer } = edit.folder;
  const target = {
    signer,
    parent: parentLinkTo(edit.folder.node, signer.hash),
    parentWriter: signer.hash,
  };
  const spaces = {
    load: (capability: Parameters<typeof openAt>[1], role: Parameters<typeof openAt>[3]) =>
      openAt(commit, capability, undefined, role),
    loadFragment: fragmentsOf(commit),
    put: (by: typeof signer, at: Handle['capability'], node: Parameters<Change['put']>[3]) =>
      change.put(by, at.mapKey, undefined, node),
    createWriter: () => Promise.reject(new Error('no writer is needed')),
  };
  const options = { random, rotateSigners: false, chunkBytes: CHUNK };
  const rotation = await rotateSubtree(file.node, signer, target, spaces, options);
  edit.replace(edit.entry(file.name)!, edit.entryFor(rotation.capability, file.properties));
  await edit.save();
  await commit.removeMapped(
    signer,
    rotation.oldChunks.map(({ mapKey }) => mapKey),
  );
  await commit.commit();
}

async function dirtyFile(bytes: Uint8Array): Promise<{ test: TestDrive; file: Handle }> {
  const test = await createTestDrive({ chunkBytes: CHUNK });
  const { drive } = test;
  await rotate(test, await put(drive, await drive.home(), 'f', bytes));
  const file = await drive.resolve(['f']);
  expect(file.node.dataKey?.dirty).toBe(true);
  expect(await bytesOf(drive, file)).toEqual(bytes);
  return { test, file };
}

it.each([40, 64, 400])('%i dirty bytes are cleaned before they are overwritten', async (size) => {
  const { test, file } = await dirtyFile(patternOf(size));
  const { drive } = test;
  const clean = await drive.overwrite(file, 10, bytesSource(patternOf(20, 3)));
  const model = patternOf(size);
  model.set(patternOf(20, 3), 10);
  expect(await bytesOf(drive, await drive.resolve(['f']))).toEqual(model);
  expect(clean.node.dataKey?.dirty).toBe(false);
  expect(clean.capability.mapKey).toEqual(file.capability.mapKey);
  expect(clean.properties.streamSecret).not.toEqual(file.properties.streamSecret);
  const reachable = await countReachable(drive, test, await drive.home(), CHUNK);
  expect(await countMapped(test)).toBe(reachable);
});

it('cutting, appending to, replacing and deleting a dirty file leave nothing behind', async () => {
  const cases: [string, (test: TestDrive, file: Handle) => Promise<unknown>, Uint8Array][] = [
    ['cut', ({ drive }, file) => drive.truncate(file, 100), patternOf(400).slice(0, 100)],
    [
      'append',
      ({ drive }, file) => drive.append(file, bytesSource(patternOf(90, 1))),
      new Uint8Array([...patternOf(400), ...patternOf(90, 1)]),
    ],
    [
      'replace',
      async ({ drive }) =>
        put(drive, await drive.home(), 'f', patternOf(70, 6), { onConflict: 'replace' }),
      patternOf(70, 6),
    ],
  ];
  for (const [name, work, model] of cases) {
    const { test, file } = await dirtyFile(patternOf(400));
    const { drive } = test;
    await work(test, file);
    const after = await drive.resolve(['f']);
    expect(await bytesOf(drive, after), name).toEqual(model);
    expect(after.node.dataKey?.dirty, name).toBe(false);
    const home = await drive.home();
    expect(await countMapped(test), name).toBe(await countReachable(drive, test, home, CHUNK));
    await drive.remove(home, [(await drive.find(home, 'f'))!]);
    // The home and its folder of upload records.
    expect(await countMapped(test), name).toBe(2);
  }
});
