/** What other clients wrote, changed by ours, and read back by a device that knows nothing yet. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bytesSource, Drive, type Handle, type ListedEntry } from '#lib/drive/index.ts';
import { deviceOn, loadSet, readTree, signInTo, type Row } from '../../scripts/interop-read.ts';
import { setUsers } from './sets.ts';

const TEXT = new TextEncoder().encode('written by another client');
const LARGE = Uint8Array.from({ length: 6 * 1024 * 1024 }, (_, i) => (i * 7) % 251);
const MORE = new TextEncoder().encode(', and appended to');

describe.each(setUsers)('$username of $folder', ({ folder, username, password, expected }) => {
  it('adds, changes, moves and deletes there', { timeout: 120_000 }, async () => {
    const set = await loadSet(folder, username, failOnDamage);
    const device = deviceOn(set);
    const { home } = await signInTo(set, device, password);
    const drive = new Drive(device, home);
    const root = await drive.home();
    const doomed = expected.find(({ path, type }) => type === 'file' && depthOf(path) === 2);

    const folderA = await drive.makeDirectory(root, 'added folder');
    await drive.upload(folderA, [
      { path: ['note.txt'], source: bytesSource(TEXT) },
      { path: ['below', 'large.bin'], source: bytesSource(LARGE) },
    ]);
    const note = await drive.resolve(['added folder', 'note.txt']);
    await drive.append(note, bytesSource(MORE));
    const moved = await drive.makeDirectory(await drive.home(), 'moved to');
    await drive.move(folderA, [await entryOf(drive, folderA, 'note.txt')], moved);
    await drive.rename(folderA, await entryOf(drive, folderA, 'below'), 'renamed');
    if (doomed) {
      const name = doomed.path.split('/').at(-1)!;
      await drive.remove(root, [await entryOf(drive, root, name)]);
    }

    const fresh = deviceOn(set);
    const rows: Row[] = [];
    const session = await signInTo(set, fresh, password);
    for await (const row of readTree(fresh, session, failOnDamage)) rows.push(row);
    const byPath = new Map(rows.map((row) => [row.path, row]));
    const at = (path: string) => byPath.get(`/${username}/${path}`);
    expect(at('moved to/note.txt')?.sha256).toBe(hashOf(TEXT, MORE));
    expect(at('added folder/renamed/large.bin')?.sha256).toBe(hashOf(LARGE));
    expect(at('added folder/note.txt')).toBeUndefined();
    expect(at('added folder/below')).toBeUndefined();
    const untouched = expected.filter(
      ({ path, type }) => path !== doomed?.path && !(type === 'dir' && depthOf(path) === 1),
    );
    expect(untouched.map(({ path }) => byPath.get(path))).toEqual(untouched);
    expect(rows).toHaveLength(expected.length + 5 - (doomed ? 1 : 0));
  });
});

function failOnDamage(sentence: string): never {
  throw new Error(sentence);
}

async function entryOf(drive: Drive, folder: Handle, name: string): Promise<ListedEntry> {
  return (await drive.find(folder, name))!;
}

function depthOf(path: string): number {
  return path.split('/').length - 1;
}

function hashOf(...pieces: Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}
