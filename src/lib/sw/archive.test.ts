import { unzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import type { ArchiveTicket } from '#lib/tickets/index.ts';
import type { FileSource } from './answer.ts';
import { answerArchive, safeArchivePath, UNREADABLE_LIST_NAME } from './archive.ts';

const source = (text: string): FileSource => ({
  sizeBytes: text.length,
  async *read(start, end) {
    await Promise.resolve();
    yield new TextEncoder().encode(text.slice(start, end));
  },
});

const listener = { onBytes: () => undefined, onEnd: () => undefined };
const ticket = (paths: readonly string[]): ArchiveTicket => ({
  kind: 'archive',
  id: 'a'.repeat(22),
  name: 'docs.zip',
  source: { database: 'test' },
  entries: paths.map((path) => ({
    path,
    sizeBytes: 0,
    modifiedMs: Date.UTC(2026, 0, 2, 3, 4, 6),
    ...(path.endsWith('/') ? {} : { capability: new TextEncoder().encode(path) }),
  })),
});

/** Lists an archive with a ZIP reader that is not ours nor the writer's. */
async function list(response: Response): Promise<Record<string, string>> {
  const files = unzipSync(new Uint8Array(await response.arrayBuffer()));
  return Object.fromEntries(
    Object.entries(files).map(([path, bytes]) => [path, new TextDecoder().decode(bytes)]),
  );
}

describe('an archive', () => {
  test('holds files and empty folders under their paths', async () => {
    const response = answerArchive(
      new Request('https://pyrgos.example/'),
      ticket(['docs/a.txt', 'docs/empty/', 'docs/ünï.txt']),
      (capability) => Promise.resolve(source(`content of ${new TextDecoder().decode(capability)}`)),
      listener,
    );
    expect(response.headers.get('Content-Disposition')).toContain('docs.zip');
    expect(await list(response)).toEqual({
      'docs/a.txt': 'content of docs/a.txt',
      'docs/empty/': '',
      'docs/ünï.txt': 'content of docs/ünï.txt',
    });
  });

  test('names what could not be opened and keeps the rest', async () => {
    const response = answerArchive(
      new Request('https://pyrgos.example/'),
      ticket(['bad.txt', 'good.txt']),
      (capability) =>
        new TextDecoder().decode(capability) === 'bad.txt'
          ? Promise.reject(new Error('This file is damaged.'))
          : Promise.resolve(source('fine')),
      listener,
    );
    expect(await list(response)).toEqual({
      'good.txt': 'fine',
      [UNREADABLE_LIST_NAME]: 'bad.txt: This file is damaged.\r\n',
    });
  });

  test.each([
    ['../../etc/passwd', '_/_/etc/passwd'],
    ['/abs', 'abs'],
    ['a/./b', 'a/_/b'],
    ['c:\\x', 'c__x'],
    ['empty/', 'empty/'],
    ['', '_'],
  ])('path %j is stored as %j', (path, stored) => {
    expect(safeArchivePath(path)).toBe(stored);
  });
});
