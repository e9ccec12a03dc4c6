import { describe, expect, it } from 'vitest';
import { kindByHints } from './kind-by-hints.ts';

describe('kindByHints', () => {
  it.each([
    ['song.mp3', 'application/octet-stream', 'audio'],
    ['photo.avif', 'video/mp4', 'image'],
    ['PHOTO.SVG', 'text/plain', 'image'],
    ['bmw.txt', 'image/bmp', 'text'],
    ['note.txt', 'application/octet-stream', 'text'],
    ['photo.heic', 'image/heic', 'image'],
    ['letter.docx', 'application/zip', 'document'],
    ['scan.txt', 'image/png', 'image'],
    ['data.json', 'application/json', 'text'],
    ['backup.7z', 'application/octet-stream', 'archive'],
    ['unnamed', 'image/gif', 'image'],
    ['unnamed', 'text/plain', 'text'],
    ['unnamed', '', 'other'],
    ['.txt.exe', 'application/octet-stream', 'other'],
  ])('takes %s, labelled %s, for %s', (name, label, kind) => {
    expect(kindByHints(name, label)).toBe(kind);
  });
});
