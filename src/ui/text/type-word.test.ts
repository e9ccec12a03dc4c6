import { describe, expect, it } from 'vitest';
import { typeWord } from './type-word.ts';

describe('the type of a file in words', () => {
  it.each([
    ['a.jpg', 'image/jpg', 'JPEG picture'],
    ['a.JPG', 'image/jpeg; x=1', 'JPEG picture'],
    ['a.mp3', 'audio/mpeg', 'MP3 audio'],
    ['a.pdf', 'application/pdf', 'PDF document'],
    ['a.blend', 'application/octet-stream', 'BLEND file'],
    ['a.verylongend', 'application/octet-stream', 'File'],
    ['README', '', 'File'],
    ['main.py', 'text/plain', 'PY code'],
  ])('%s, %s: %s', (name, mimeType, words) => {
    expect(typeWord({ kind: 'file', name, mimeType })).toBe(words);
  });
});
