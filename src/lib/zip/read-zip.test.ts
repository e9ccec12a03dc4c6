/** Archives made by another program are read; hostile ones are refused before they cost anything. */
import { strToU8, zipSync, type Zippable } from 'fflate';
import { describe, expect, it } from 'vitest';
import { readZip, UnreadableZip, type ZipLimits } from './read-zip.ts';

const LIMITS: ZipLimits = { files: 100, bytes: 10_000_000 };

function sourceOf(bytes: Uint8Array) {
  return {
    sizeBytes: bytes.length,
    read: (start: number, end: number) => Promise.resolve(bytes.slice(start, end)),
  };
}

async function contentsOf(bytes: Uint8Array, limits = LIMITS): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const file of await readZip(sourceOf(bytes), limits)) {
    const pieces: Uint8Array[] = [];
    for await (const piece of file.content()) pieces.push(piece);
    found[file.path] = Buffer.concat(pieces).toString('latin1');
  }
  return found;
}

const zipOf = (files: Zippable) => zipSync(files);
const refused = (bytes: Uint8Array, limits?: ZipLimits) =>
  expect(contentsOf(bytes, limits)).rejects.toThrow(UnreadableZip);

/** Where the n-th entry of the list at the end of an archive begins. */
function entryAt(bytes: Uint8Array, n = 0): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = view.getUint32(bytes.length - 6, true);
  for (let i = 0; i < n; i++) {
    at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true);
  }
  return at;
}

function changed(bytes: Uint8Array, change: (view: DataView, entry: number) => void, n = 0) {
  const copy = bytes.slice();
  change(new DataView(copy.buffer), entryAt(copy, n));
  return copy;
}

describe('a ZIP archive', () => {
  it('of another program is read: stored, deflated, folders, long files, names of all letters', async () => {
    const long = 'all work and no play '.repeat(50_000);
    const zip = zipOf({
      'a.txt': [strToU8('stored'), { level: 0 }],
      'dir/': new Uint8Array(),
      'dir/é.txt': [strToU8(long), { level: 9 }],
      empty: new Uint8Array(),
    });
    expect(await contentsOf(zip)).toEqual({ 'a.txt': 'stored', 'dir/é.txt': long, empty: '' });
  });

  it.each(['../x', 'a/../../x', '/x', 'a//x', 'a\\x', 'C:/x', './x', 'a\u0000x', 'a\nx', ''])(
    'is refused for the name %j',
    async (name) => {
      await refused(zipOf({ [name]: strToU8('x') }));
    },
  );

  it('is refused for a name that is there twice, in any spelling', async () => {
    await refused(zipOf({ 'u\u0308.txt': strToU8('a'), 'ü.txt': strToU8('b') }));
  });

  it('is refused above its limits of files and bytes, by the list alone', async () => {
    const files = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`f${i}`, strToU8('x')]));
    await refused(zipOf(files), { files: 5, bytes: 100 });
    await refused(zipOf(files), { files: 6, bytes: 5 });
    expect(Object.keys(await contentsOf(zipOf(files), { files: 6, bytes: 6 }))).toHaveLength(6);
  });

  it('that unpacks to more than it says is cut off there', async () => {
    const bomb = zipOf({ bomb: [new Uint8Array(50_000_000), { level: 9 }] });
    await refused(bomb);
    // It says that it is small.
    const small = changed(bomb, (view, entry) => view.setUint32(entry + 24, 1000, true));
    let read = 0;
    const [file] = await readZip(sourceOf(small), LIMITS);
    const reading = (async () => {
      for await (const piece of file!.content()) read += piece.length;
    })();
    await expect(reading).rejects.toThrow(/longer than the archive says/u);
    expect(read).toBeLessThanOrEqual(1000);
  });

  it('whose files share bytes is refused', async () => {
    const zip = zipOf({ a: [strToU8('x'.repeat(100)), { level: 0 }], b: strToU8('y') });
    await refused(changed(zip, (view, entry) => view.setUint32(entry + 42, 0, true), 1));
  });

  it('that is encrypted, holds links, or packs in an unknown way is refused', async () => {
    const zip = zipOf({ a: strToU8('text') });
    await refused(changed(zip, (view, entry) => view.setUint16(entry + 8, 1, true)));
    await refused(changed(zip, (view, entry) => view.setUint32(entry + 38, 0xa1ff0000, true)));
    await refused(changed(zip, (view, entry) => view.setUint16(entry + 10, 12, true)));
  });

  it('is refused when a name in front of a content is another one', async () => {
    const zip = zipOf({ good: strToU8('text') });
    zip.set(strToU8('evil'), 30);
    await refused(zip);
  });

  it('that is damaged, wherever a byte is another one, is refused or reads the same', async () => {
    const zip = zipOf({
      'a.txt': strToU8('some text, some text'),
      b: [strToU8('b'), { level: 0 }],
    });
    const good = await contentsOf(zip);
    for (let at = 0; at < zip.length; at++) {
      const bad = zip.slice();
      bad[at]! ^= 0x55;
      const found = await contentsOf(bad).catch((error: unknown) => {
        expect(error).toBeInstanceOf(UnreadableZip);
        return undefined;
      });
      if (found === undefined) continue;
      expect(Object.values(found), String(at)).toEqual(Object.values(good));
    }
    for (let length = 0; length < zip.length; length++) await refused(zip.subarray(0, length));
  });
});
