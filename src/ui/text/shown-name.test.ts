import { describe, expect, it } from 'vitest';
import { shownName, stemLength } from './shown-name.ts';

describe('shownName', () => {
  it('leaves ordinary names of any script alone', () => {
    for (const name of [
      'Report 2.pdf',
      'תמונה.jpg',
      '写真.png',
      'naïve — “quoted”.txt',
      '👩‍🚀.png',
      'می‌خواهم.txt',
    ]) {
      expect(shownName(name)).toBe(name);
    }
  });

  it('shows control characters and direction overrides', () => {
    expect(shownName('a\u0007b')).toBe('a⟨0007⟩b');
    expect(shownName('a\nb\u007f')).toBe('a⟨000A⟩b⟨007F⟩');
    expect(shownName('gpj\u202eexe')).toBe('gpj⟨202E⟩exe');
    expect(shownName('a\u200bb')).toBe('a⟨200B⟩b');
  });
});

describe('stemLength', () => {
  it('ends before the extension, and takes the whole of a name without one', () => {
    expect(stemLength('photo.jpg')).toBe(5);
    expect(stemLength('a.tar.gz')).toBe(1);
    expect(stemLength('README')).toBe(6);
    expect(stemLength('.profile')).toBe(8);
  });
});
