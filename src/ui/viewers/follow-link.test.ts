import { describe, expect, it } from 'vitest';
import type { Client } from '#lib/client/index.ts';
import { followLink } from './follow-link.ts';

const FOLDER = ['alice', 'Notes'];
/** A drive in which these paths are, folders with a slash at the end. */
function driveOf(...paths: string[]): Pick<Client, 'find'> {
  return {
    async find(path) {
      const asked = path.join('/');
      const found = paths.find((one) => one === asked || one === `${asked}/`);
      if (found === undefined) throw new Error('not there');
      return { entry: { kind: found.endsWith('/') ? 'folder' : 'file' } } as never;
    },
  };
}

describe('a link in a document', () => {
  const drive = driveOf('alice/Notes/a b.md', 'alice/Films/', 'alice/Notes/50%.md', 'bob/x.md');

  it.each([
    ['a%20b.md', { kind: 'file', path: ['alice', 'Notes', 'a b.md'] }],
    ['./a b.md#chapter', { kind: 'file', path: ['alice', 'Notes', 'a b.md'] }],
    ['../Films?x', { kind: 'folder', path: ['alice', 'Films'] }],
    ['/Films/', { kind: 'folder', path: ['alice', 'Films'] }],
    ['50%.md', { kind: 'file', path: ['alice', 'Notes', '50%.md'] }],
  ])('%s leads to an entry of the drive', async (link, way) => {
    expect(await followLink(link, FOLDER, drive)).toEqual(way);
  });

  it.each([
    ['https://example.org/a?b#c', 'https://example.org/a?b#c'],
    ['HTTP://EXAMPLE.org', 'http://example.org/'],
    ['//example.org/x', 'https://example.org/x'],
    ['mailto:a@example.org', 'mailto:a@example.org'],
  ])('%s leads out of the drive', async (link, address) => {
    expect(await followLink(link, FOLDER, drive)).toEqual({ kind: 'outside', address });
  });

  it.each([
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'blob:https://example.org/1',
    'file:///etc/passwd',
    'vbscript:x',
    'https://',
    '../../bob/x.md',
    '%2e%2e/%2e%2e/bob/x.md',
    '.hidden.md',
    'missing.md',
    '#chapter',
    '',
  ])('%j leads nowhere', async (link) => {
    expect(await followLink(link, FOLDER, drive)).toEqual({ kind: 'nowhere' });
  });
});
