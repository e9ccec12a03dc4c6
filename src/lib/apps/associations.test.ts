/** What the launcher, menus and the "New" menu know of apps (C-9 §9.3). */
import { describe, expect, it } from 'vitest';
import { utf8 } from '#lib/bytes/index.ts';
import { createTestDrive } from '#lib/drive/testing.ts';
import { appsForItem, newFileContent, newFileEntries, recommendedApp } from './associations.ts';
import { listInstalled } from './installed.ts';
import type { Manifest } from './manifest-type.ts';
import { changeShortcut, readShortcuts } from './shortcuts.ts';
import { appFiles, putFiles } from './testing.ts';

async function installed(...told: Partial<Manifest>[]) {
  const test = await createTestDrive();
  for (const each of told) {
    const name = each.displayName!.toLowerCase();
    const files = {
      'assets/empty.txt': 'Dear …',
      ...(each.appIcon ? { [`assets/${each.appIcon}`]: 'x' } : {}),
    };
    await putFiles(test.drive, `.apps/${name}`, appFiles({ ...each, name }, files));
  }
  return { ...test, apps: (await listInstalled(test.drive, 'alice')).apps };
}

const item = (name: string, more = {}) => ({
  name,
  mimeType: '',
  isDirectory: false,
  isHidden: false,
  ...more,
});

describe('apps for an item', () => {
  it('are found by extension, type and kind, in alphabetical order, as editors or viewers', async () => {
    const { apps } = await installed(
      { displayName: 'Viewer', fileTypes: ['image', 'pdf'] },
      {
        displayName: 'Editor',
        fileExtensions: ['txt', 'tar.gz'],
        permissions: ['EDIT_CHOSEN_FILE'],
      },
      { displayName: 'All', fileExtensions: ['*'] },
      { displayName: 'Typed', mimeTypes: ['application/x-thing', 'audio/*'] },
      { displayName: 'Folder', folderAction: true, permissions: ['READ_CHOSEN_FOLDER'] },
    );
    const found = (...args: Parameters<typeof item>) =>
      appsForItem(apps, item(...args)).map(({ app, action }) => `${action} ${app.name}`);
    expect(found('a.TXT')).toEqual(['view all', 'edit editor']);
    expect(found('a.tar.gz')).toEqual(['view all', 'edit editor']);
    expect(found('a.jpg')).toEqual(['view all', 'view viewer']);
    expect(found('a.pdf')).toEqual(['view all', 'view viewer']);
    expect(found('a', { mimeType: 'application/x-thing' })).toEqual(['view all', 'view typed']);
    expect(found('a', { mimeType: 'audio/wav' })).toEqual(['view all', 'view typed']);
    expect(found('docs', { isDirectory: true })).toEqual(['view folder']);
    expect(found('.a.txt')).toEqual([]);
    expect(found('a.txt', { isHidden: true })).toEqual([]);
    expect(found('constructor')).toEqual(['view all']);
  });
});

describe('new files', () => {
  it('are those that apps list, else of the first extension of those that edit', async () => {
    const { apps, drive } = await installed(
      {
        displayName: 'Draw',
        fileExtensions: ['drw'],
        newFileExtensions: [
          { extension: 'drw', name: 'Drawing' },
          { extension: 'txt', name: 'Letter' },
        ],
        permissions: ['EDIT_CHOSEN_FILE'],
      },
      { displayName: 'Edit', fileExtensions: ['md', 'txt'], permissions: ['EDIT_CHOSEN_FILE'] },
      { displayName: 'Every', fileExtensions: ['*'], permissions: ['EDIT_CHOSEN_FILE'] },
      { displayName: 'See', fileExtensions: ['see'] },
    );
    const entries = newFileEntries(apps);
    expect(entries.map(({ app, extension, label }) => [app.name, extension, label])).toEqual([
      ['draw', 'drw', 'Drawing'],
      ['draw', 'txt', 'Letter'],
      ['edit', 'md', ''],
    ]);
    expect(await newFileContent(drive, entries[0]!)).toEqual(utf8(''));
    expect(await newFileContent(drive, entries[1]!)).toEqual(utf8('Dear …'));
  });
});

it('a public app is recommended for the kinds that the network has one for', () => {
  expect(recommendedApp('plan.drawio')).toEqual(['peergos', 'recommended-apps', 'drawio']);
  expect(recommendedApp('plan.txt')).toBeUndefined();
});

describe('shortcuts', () => {
  const dates = { added: '2026-12-01T00:00:00.000Z', created: '2026-11-01T00:00:00.000Z' };

  it('are set and taken away in the file that other clients read', async () => {
    const { drive } = await createTestDrive();
    expect(await readShortcuts(drive, 'alice')).toEqual(new Map());
    await changeShortcut(drive, '/alice/a.txt', dates);
    await changeShortcut(drive, '__proto__', dates);
    expect([...(await readShortcuts(drive, 'alice'))]).toEqual([
      ['/alice/a.txt', dates],
      ['__proto__', dates],
    ]);
    await changeShortcut(drive, '__proto__', undefined);
    expect([...(await readShortcuts(drive, 'alice')).keys()]).toEqual(['/alice/a.txt']);
    expect((await drive.resolve(['.apps', 'launcher', 'data', 'shortcuts.json'])).isDirectory).toBe(
      false,
    );
  });

  it('of a file that is no map of dates are none, or those that are', async () => {
    const { drive } = await createTestDrive();
    for (const [text, keys] of [
      ['no json', []],
      ['[1]', []],
      ['{"/a":1,"/b":{"added":3}}', ['/b']],
    ] as const) {
      await putFiles(drive, '.apps/launcher/data', { 'shortcuts.json': text });
      expect([...(await readShortcuts(drive, 'alice')).keys()]).toEqual(keys);
    }
  });
});
