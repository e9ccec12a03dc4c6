import { describe, expect, it } from 'vitest';
import { pathBeside } from './relative-path.ts';

const FOLDER = ['alice', 'Notes', 'trip'];

describe('a path in a document', () => {
  it.each([
    ['map.png', ['alice', 'Notes', 'trip', 'map.png']],
    ['./maps//a b.png', ['alice', 'Notes', 'trip', 'maps', 'a b.png']],
    ['../other/map.png', ['alice', 'Notes', 'other', 'map.png']],
    ['../../map.png', ['alice', 'map.png']],
    ['/Pictures/map.png', ['alice', 'Pictures', 'map.png']],
    ['x/../map.png', ['alice', 'Notes', 'trip', 'map.png']],
  ])('%j is seen from the folder of the document', (relative, path) => {
    expect(pathBeside(FOLDER, relative)).toEqual(path);
  });

  it.each([
    '',
    '../../..',
    '../../../bob/secret.png',
    '../../../../../../etc/passwd',
    '/../bob/secret.png',
    '.hidden.png',
    '../../.profile/photo.png',
    'maps/.thumbs/a.png',
    '../../.',
    '.../map.png',
    'a/'.repeat(3_000),
  ])('%j leads nowhere', (relative) => {
    expect(pathBeside(FOLDER, relative)).toBeUndefined();
  });
});
