/** `peergos-app.json` by the table of C-9 §9.3, and what hostile ones try (PRG-014). */
import { describe, expect, it } from 'vitest';
import { utf8 } from '#lib/bytes/index.ts';
import { BadManifest } from './errors.ts';
import { composeManifest, MANIFEST_MAX_BYTES, newManifest, parseManifest } from './manifest.ts';
import { noticesOf } from './notices.ts';
import { PERMISSIONS } from './permissions.ts';
import { compareVersions, parseVersion } from './version.ts';

const LEAST = { displayName: 'My App', description: 'It does things', launchable: true };

const parse = (properties: object) =>
  parseManifest(utf8(JSON.stringify({ ...LEAST, ...properties })));

/** The property that is said to be wrong. */
function faultIn(text: string): string {
  try {
    parseManifest(utf8(text));
  } catch (error) {
    if (error instanceof BadManifest) return error.property ?? error.reason;
    throw error;
  }
  return 'none';
}
const faultOf = (properties: object) => faultIn(JSON.stringify({ ...LEAST, ...properties }));

describe('a manifest', () => {
  it('with the least it may have gets the defaults', () => {
    expect(parse({})).toEqual({
      ...LEAST,
      name: 'myapp',
      version: '0.0.1',
      author: '',
      source: '',
      folderAction: false,
      appIcon: '',
      fileExtensions: [],
      mimeTypes: [],
      fileTypes: [],
      newFileExtensions: [],
      template: '',
      chatId: '',
      templateIconBase64: '',
      permissions: [],
    });
  });

  it('keeps all it says when it is composed and parsed', () => {
    const manifest = newManifest({
      displayName: 'Draw-2_x',
      description: 'Draws “things” — é',
      version: '1.2.3-beta.1',
      author: '<b>me</b>',
      appIcon: 'img/icon.png',
      fileExtensions: ['txt', 'tar.gz', '*'],
      mimeTypes: ['text/plain', 'image/*'],
      fileTypes: ['image'],
      newFileExtensions: [{ extension: 'drw', name: 'Drawing' }],
      permissions: [...PERMISSIONS],
      folderAction: true,
      template: 'messaging',
    });
    expect(parseManifest(composeManifest(manifest))).toEqual(manifest);
  });

  it('may write the version of its schema as a number', () => {
    expect(parse({ schemaVersion: 1 })).toEqual(parse({ schemaVersion: '1' }));
  });

  it('may leave its description empty, and may not leave it out', () => {
    expect(parse({ description: '' }).description).toBe('');
    const { description: _none, ...without } = LEAST;
    expect(() => parseManifest(utf8(JSON.stringify(without)))).toThrow('description');
  });

  it('may have a byte order mark and members nobody knows', () => {
    const text = `\u{feff}${JSON.stringify({ ...LEAST, unknown: { length: 3 } })}`;
    expect(parseManifest(utf8(text)).displayName).toBe('My App');
  });

  it.each([
    ['schemaVersion', '2'],
    ['schemaVersion', 2],
    ['schemaVersion', true],
    ['displayName', 'x'.repeat(26)],
    ['displayName', 'a/b'],
    ['displayName', 'ünïcode'],
    ['displayName', ''],
    ['displayName', null],
    ['description', 'x'.repeat(101)],
    ['description', ' '],
    ['description', 'two\nlines'],
    ['launchable', 'true'],
    ['launchable', null],
    ['version', '1.0'],
    ['version', '1.0.0.0'],
    ['version', '1.0.0-'],
    ['author', 'x'.repeat(33)],
    ['source', 'x'.repeat(257)],
    ['folderAction', true],
    ['folderAction', 'false'],
    ['fileExtensions', ['.txt']],
    ['fileExtensions', ['a/b']],
    ['fileExtensions', 'txt'],
    ['fileExtensions', Array(101).fill('a')],
    ['mimeTypes', ['text']],
    ['mimeTypes', ['text/html, */*']],
    ['fileTypes', [1]],
    ['newFileExtensions', ['txt']],
    ['newFileExtensions', [{ extension: '*', name: 'All' }]],
    ['template', 'other'],
    ['template', 'messaging'],
    ['permissions', ['READ_EVERYTHING']],
    ['permissions', ['store_app_data']],
    ['permissions', 'STORE_APP_DATA'],
  ])('is refused, and says so, for the %s %j', (property, value) => {
    expect(faultOf({ [property]: value })).toBe(property);
  });

  it.each([
    '../evil',
    '..',
    '.',
    '.hidden',
    'a/b',
    'a\\b',
    '/abs',
    'a\u0000b',
    'launcher',
    'Calendar',
    'a b',
    'ａｐｐ',
    'x!short',
    'x'.repeat(65),
  ])('is refused for the name %j', (name) => {
    expect(faultOf({ name })).toBe('name');
  });

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'chat!0123456789ab'])(
    'may have the name %s',
    (name) => {
      expect(parse({ name }).name).toBe(name);
    },
  );

  it.each([
    '../icon.png',
    '/icon.png',
    'a/../icon.png',
    'a\\icon.png',
    'icon.html',
    'icon',
    'a//i.png',
  ])('is refused for the icon %j', (appIcon) => {
    expect(faultOf({ appIcon })).toBe('appIcon');
  });
});

describe('a hostile manifest', () => {
  const trick = { length: 3, toString: 'text', valueOf: 1, 0: 'a' };

  it('cannot pass an object, a list, a number or a flag for text, in any property', () => {
    const texts = ['displayName', 'name', 'description', 'version', 'author', 'source', 'appIcon'];
    const more = ['schemaVersion', 'template', 'chatId', 'templateIconBase64'];
    for (const property of [...texts, ...more]) {
      for (const value of [trick, ['a'], 7, true, {}]) {
        expect(faultOf({ [property]: value }), property).toBe(property);
      }
    }
  });

  it('cannot pass an object with a length for a list, or put one into it', () => {
    const lists = ['fileExtensions', 'mimeTypes', 'fileTypes', 'permissions', 'newFileExtensions'];
    for (const property of lists) {
      for (const value of [trick, 'STORE_APP_DATA', 1, [trick], [['a']], [null], [1]]) {
        expect(faultOf({ [property]: value }), property).toBe(property);
      }
    }
  });

  it('cannot reach the prototype of an object by the names of its members', () => {
    const text = `{"__proto__":{"launchable":true,"polluted":1},"constructor":{"prototype":{"polluted":1}},
      "displayName":"A","description":"b"}`;
    expect(faultIn(text)).toBe('launchable');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('cannot say a property twice', () => {
    const twice = '{"displayName":"A","description":"b","launchable":true,"displayName":"B"}';
    expect(faultIn(twice)).toContain('has the member "displayName" twice');
    // The same name in another spelling of JSON.
    const escaped =
      '{"displayName":"A","description":"b","launchable":true,"\\u0064isplayName":"B"}';
    expect(faultIn(escaped)).toContain('twice');
  });

  it('is refused when it is large, deep, cut, no object or no UTF-8', () => {
    expect(() => parseManifest(new Uint8Array(MANIFEST_MAX_BYTES + 1))).toThrow(BadManifest);
    for (const text of ['', '{', '[]', 'null', '"x"', '{"a":1}}', '{a:1}', "{'a':1}", '[1,]']) {
      expect(faultIn(text), text).not.toBe('none');
    }
    expect(faultIn(`{"a":${'['.repeat(50_000)}`)).toContain('too deeply');
    expect(() => parseManifest(Uint8Array.of(0x7b, 0xff, 0x7d))).toThrow(BadManifest);
  });
});

describe('what screens say of an app', () => {
  it('names each permission once, those added by an update, and those without effect yet', () => {
    const before = newManifest({
      displayName: 'A',
      description: 'b',
      permissions: ['STORE_APP_DATA'],
    });
    const after = { ...before, permissions: ['STORE_APP_DATA', 'USE_MAILBOX'] as const };
    expect(noticesOf(after, before)).toEqual([
      { key: 'USE_MAILBOX', isAdded: true, isAvailable: false },
      { key: 'STORE_APP_DATA', isAdded: false, isAvailable: true },
    ]);
  });

  it('names the reach into the folder of an opened file', () => {
    const app = newManifest({ displayName: 'A', description: 'b', fileTypes: ['image'] });
    expect(noticesOf(app)).toEqual([
      { key: 'READS_FOLDER_OF_FILE', isAdded: true, isAvailable: true },
    ]);
  });
});

describe('versions', () => {
  it('are ordered by their numbers, and a suffix comes before none', () => {
    const inOrder = ['0.0.1', '0.0.2', '0.0.10', '0.1.0', '1.0.0-alpha', '1.0.0-beta', '1.0.0'];
    const sorted = inOrder
      .toReversed()
      .toSorted((a, b) => compareVersions(parseVersion(a)!, parseVersion(b)!));
    expect(sorted).toEqual(inOrder);
  });
});
