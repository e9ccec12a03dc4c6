import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startCrypto, SymmetricKey, systemRandom } from '#lib/crypto/index.ts';
import type { Handle } from '#lib/drive/index.ts';
import {
  bytesOf,
  createTestDrive,
  driveDeps,
  namesOf,
  put,
  type TestDrive,
} from '#lib/drive/testing.ts';
import { READ_LIMIT_BYTES } from '#lib/frames/index.ts';
import { createMemoryDraftRecords } from './draft-records.ts';
import { Drafts } from './drafts.ts';
import { OpenedFile } from './opened-file.ts';

beforeAll(() => startCrypto());

const utf8 = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const context = { signal: new AbortController().signal, progress: () => undefined };
const PIXEL = Uint8Array.from(
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
);

let made: TestDrive;
let notes: Handle;

beforeEach(async () => {
  made = await createTestDrive();
  const { drive } = made;
  notes = await drive.makeDirectory(await drive.home(), 'Notes');
  await put(drive, notes, 'list.txt', utf8('one\n'));
});

/** A frame's calls about a file of the notes. */
function callsOf(name = 'list.txt', folder = 'Notes') {
  const { drive, account } = made;
  const key = SymmetricKey.random(systemRandom);
  const username = 'alice';
  const walk = async (path: readonly string[]) => drive.resolve(path.slice(1));
  const file = new OpenedFile({
    drive,
    reader: driveDeps(account.node, systemRandom, account),
    drafts: new Drafts({
      records: createMemoryDraftRecords(),
      account: username,
      key: () => key,
      random: systemRandom,
      clock: () => 1,
    }),
    open: () => drive.resolve(['Notes', name]),
    folderPath: () => [username, folder],
    openPath: walk,
    changed: () => undefined,
    added: () => undefined,
  });
  return file.handlers();
}

const contentOf = async (...path: string[]) => {
  const { drive } = made;
  return textOf(await bytesOf(drive, await drive.resolve(path)));
};

describe('the file of a frame', () => {
  it('is not changed in the trash', async () => {
    expect(await callsOf('list.txt', '.trash').open(context)).toMatchObject({
      writable: false,
      copies: false,
    });
  });

  it('has what was found in it saved beside it, under a name that leads nowhere else', async () => {
    const calls = callsOf();
    expect(await calls.saveFound(context, '../../.apps/a.csv', utf8('a,b'))).toBe('a.csv');
    expect(await calls.saveFound(context, 'list.txt', utf8('two'))).toBe('list (copy).txt');
    expect(await contentOf('Notes', 'a.csv')).toBe('a,b');
    expect(await contentOf('Notes', 'list.txt')).toBe('one\n');
    const inTrash = callsOf('list.txt', '.trash').saveFound(context, 'a.csv', utf8(''));
    await expect(inTrash).rejects.toMatchObject({ kind: 'refused' });
  });

  it('is read in bounded pieces, and written as a whole', async () => {
    const calls = callsOf();
    expect(await calls.open(context)).toMatchObject({
      name: 'list.txt',
      sizeBytes: 4,
      copies: true,
    });
    expect(textOf(await calls.read(context, 1, 3))).toBe('ne');
    expect(textOf(await calls.read(context, 2, 900))).toBe('e\n');
    for (const [start, end] of [
      [3, 2],
      [0, READ_LIMIT_BYTES + 1],
    ] as const) {
      await expect(calls.read(context, start, end)).rejects.toMatchObject({
        name: 'FrameAsksTooMuch',
      });
    }
    await calls.save(context, utf8('two'));
    expect(await contentOf('Notes', 'list.txt')).toBe('two');
    await calls.append(context, utf8(' three'));
    expect(await contentOf('Notes', 'list.txt')).toBe('two three');
  });

  it('is not overwritten once it was changed elsewhere, until it is opened again', async () => {
    const [mine, theirs] = [callsOf(), callsOf()];
    await mine.open(context);
    await theirs.open(context);
    await theirs.save(context, utf8('theirs'));
    await expect(mine.save(context, utf8('mine'))).rejects.toMatchObject({
      name: 'FileChangedMeanwhile',
    });
    expect(await contentOf('Notes', 'list.txt')).toBe('theirs');
    await mine.open(context);
    await mine.save(context, utf8('mine'));
    expect(await contentOf('Notes', 'list.txt')).toBe('mine');
  });

  it('gets copies beside it under free names, a bounded number of them', async () => {
    const calls = callsOf();
    await calls.open(context);
    expect(await calls.saveCopy(context, utf8('copy'))).toBe('list (copy).txt');
    expect(await contentOf('Notes', 'list (copy).txt')).toBe('copy');
    expect(await contentOf('Notes', 'list.txt')).toBe('one\n');
    for (let at = 1; at < 20; at++) await calls.saveCopy(context, utf8(String(at)));
    await expect(calls.saveCopy(context, utf8('more'))).rejects.toMatchObject({
      name: 'FrameAsksTooMuch',
    });
    expect(await namesOf(made.drive, notes)).toHaveLength(21);
  });

  it('keeps its draft while it is written, until the draft is dropped', async () => {
    const { drive } = made;
    const calls = callsOf();
    await calls.open(context);
    await calls.keepDraft(context, utf8('half'));
    const draftOf = async (): Promise<string | undefined> => {
      const { draft } = await calls.open(context);
      return draft && textOf(draft);
    };
    await calls.save(context, utf8('other content'));
    expect(await draftOf()).toBe('half');
    await calls.dropDraft(context);
    expect(await draftOf()).toBeUndefined();
    expect(await namesOf(drive, notes)).toEqual(['list.txt']);
  });

  it('sees media beside it, and nothing else', async () => {
    const { drive } = made;
    const home = await drive.home();
    await put(drive, home, 'red.png', PIXEL.slice());
    await put(drive, await drive.makeDirectory(notes, 'in'), 'red.png', PIXEL.slice());
    await put(drive, notes, 'fake.png', utf8('<script>1</script> words'));
    const { readBeside } = callsOf();
    for (const path of ['../red.png', '/red.png', 'in/red.png', './in/../in/red.png']) {
      const found = await readBeside(context, path);
      expect(found?.mimeType, path).toBe('image/png');
      expect(found?.bytes).toEqual(PIXEL);
    }
    for (const path of ['list.txt', 'fake.png', 'in', 'none.png', '../../red.png', '.red.png']) {
      expect(await readBeside(context, path), path).toBeUndefined();
    }
  });
});
