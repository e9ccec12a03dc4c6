import { unzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { PyrgosError } from '#lib/bytes/index.ts';
import { NodeUnreachable } from '#lib/protocol/index.ts';
import type { ArchiveTicket } from '#lib/tickets/index.ts';
import type { FileSource } from './answer.ts';
import { answerArchive, type ArchiveListener } from './archive.ts';

const source = (text: string): FileSource => ({
  sizeBytes: text.length,
  async *read(start, end) {
    await Promise.resolve();
    yield new TextEncoder().encode(text.slice(start, end));
  },
});

class Damaged extends PyrgosError {
  override readonly name = 'Damaged';
}

const LIST = 'Files that could not be read.txt';
const ticket = (
  paths: readonly string[],
  leftOut: ArchiveTicket['leftOut'] = [],
): ArchiveTicket => ({
  kind: 'archive',
  id: 'a'.repeat(22),
  name: 'docs.zip',
  source: { database: 'test' },
  leftOut,
  listPath: LIST,
  entries: paths.map((path) => ({
    path,
    sizeBytes: 0,
    modifiedMs: Date.UTC(2026, 0, 2, 3, 4, 6),
    ...(path.endsWith('/') ? {} : { capability: new TextEncoder().encode(path) }),
  })),
});

/** Answers for a ticket; files whose name begins with `bad` cannot be opened. */
function answered(asked: ArchiveTicket, failure: Error = new Damaged('This file is damaged.')) {
  const unreadable: [entry: number, reason: string][] = [];
  const ends: string[] = [];
  const listener: ArchiveListener = {
    onBytes: () => undefined,
    onEnd: (state) => void ends.push(state),
    onUnreadable: (entry, reason) => void unreadable.push([entry, reason]),
  };
  const open = (capability: Uint8Array): Promise<FileSource> => {
    const path = new TextDecoder().decode(capability);
    return path.startsWith('bad')
      ? Promise.reject(failure)
      : Promise.resolve(source(`content of ${path}`));
  };
  const response = answerArchive(new Request('https://pyrgos.example/'), asked, open, listener);
  return { response, unreadable, ends };
}

/** Lists an archive with a ZIP reader that is not ours nor the writer's. */
async function list(response: Response): Promise<Record<string, string>> {
  const files = unzipSync(new Uint8Array(await response.arrayBuffer()));
  return Object.fromEntries(
    Object.entries(files).map(([path, bytes]) => [path, new TextDecoder().decode(bytes)]),
  );
}

describe('an archive', () => {
  test('holds files and empty folders under their paths', async () => {
    const { response, unreadable, ends } = answered(ticket(['docs/a.txt', 'docs/empty/']));
    expect(response.headers.get('Content-Disposition')).toContain('docs.zip');
    expect(await list(response)).toEqual({
      'docs/a.txt': 'content of docs/a.txt',
      'docs/empty/': '',
    });
    expect(unreadable).toEqual([]);
    expect(ends).toEqual(['done']);
  });

  test('keeps the rest where one file cannot be opened, and reports and lists that one', async () => {
    const { response, unreadable, ends } = answered(ticket(['docs/', 'bad.txt', 'good.txt']));
    expect(await list(response)).toEqual({
      'docs/': '',
      'good.txt': 'content of good.txt',
      [LIST]: 'bad.txt: This file is damaged.\r\n',
    });
    expect(unreadable).toEqual([[1, 'This file is damaged.']]);
    expect(ends).toEqual(['done']);
  });

  test('lists what was unreadable before it began', async () => {
    const leftOut = [{ path: 'docs/lost.txt', reason: 'It is gone.' }];
    const { response } = answered(ticket(['good.txt'], leftOut));
    expect((await list(response))[LIST]).toBe('docs/lost.txt: It is gone.\r\n');
  });

  test('breaks where the node fails, since then no file is at fault', async () => {
    const away = new NodeUnreachable('The server cannot be reached.');
    const { response, unreadable, ends } = answered(ticket(['good.txt', 'bad.txt']), away);
    await expect(response.arrayBuffer()).rejects.toThrow('The server cannot be reached.');
    expect(unreadable).toEqual([]);
    expect(ends).toEqual(['failed']);
  });
});
