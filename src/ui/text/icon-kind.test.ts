import { describe, expect, it } from 'vitest';
import { iconKindOf } from './icon-kind.ts';

const kindOf = (name: string, mimeType: string) => iconKindOf({ kind: 'file', name, mimeType });

describe('the look of a file', () => {
  it.each([
    ['a.jpg', 'image/jpg', 'image'],
    ['scan.tif', 'image/tiff', 'image'],
    ['a.mp4', 'video/mp4', 'video'],
    ['budget.xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'table'],
    ['talk.odp', 'application/vnd.oasis.opendocument.presentation', 'slides'],
    ['letter.docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml', 'document'],
    ['list.csv', 'text/csv', 'table'],
    ['main.rs', 'text/plain', 'code'],
    ['data.json', 'application/json', 'code'],
    ['notes.txt', 'text/plain', 'text'],
    ['all.tar.gz', 'application/octet-stream', 'archive'],
    ['setup.exe', 'application/octet-stream', 'app'],
    ['nothing', '', 'other'],
  ])('%s, %s', (name, mimeType, kind) => {
    expect(kindOf(name, mimeType)).toBe(kind);
  });

  it('is that of a folder whatever the name says', () => {
    expect(iconKindOf({ kind: 'folder', name: 'a.zip', mimeType: '' })).toBe('folder');
  });
});
