import { describe, expect, it } from 'vitest';
import { READ_LIMIT_BYTES } from '#lib/frames/index.ts';
import { zipStream, type ZipBytes } from '#lib/zip/index.ts';
import { decodeXml } from './decode-xml.ts';
import { DocumentArchive } from './document-archive.ts';
import { FileBytes } from './file-bytes.ts';

const MIB = 1024 * 1024;

async function zip(parts: Readonly<Record<string, Uint8Array>>): Promise<Uint8Array> {
  const entries = async function* () {
    for (const [path, content] of Object.entries(parts)) {
      yield { path, modifiedMs: Date.UTC(2026, 0, 1), content };
    }
  };
  const pieces: Uint8Array[] = [];
  const reader = zipStream(entries()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(pieces);
    pieces.push(value);
  }
}

function bytesOf(bytes: Uint8Array): ZipBytes {
  return { sizeBytes: bytes.length, read: async (start, end) => bytes.slice(start, end) };
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('DocumentArchive', () => {
  it('finds parts in any letters, as packages name them', async () => {
    const archive = await DocumentArchive.open(
      bytesOf(await zip({ 'Word/Document.xml': utf8('<a/>') })),
    );
    expect(archive.has('word/document.XML')).toBe(true);
    expect(await archive.text('word/document.xml')).toBe('<a/>');
  });

  it('says what is damaged', async () => {
    const whole = await zip({ a: utf8('text') });
    const archive = await DocumentArchive.open(bytesOf(whole));
    await expect(archive.bytes('b')).rejects.toMatchObject({ name: 'DamagedDocument' });
    const cut = DocumentArchive.open(bytesOf(whole.subarray(0, -10)));
    await expect(cut).rejects.toMatchObject({ name: 'DamagedDocument' });
  });

  it('bounds the text of all parts together, and counts a part once', async () => {
    const part = utf8(' '.repeat(24));
    const archive = await DocumentArchive.open(
      bytesOf(await zip({ a: part, b: part, c: part })),
      64,
    );
    for (const path of ['a', 'a', 'a', 'b']) await archive.text(path);
    await expect(archive.text('c')).rejects.toMatchObject({ name: 'DocumentTooLarge' });
  });

  it('refuses a part that is larger than the caller takes before it is unpacked', async () => {
    const archive = await DocumentArchive.open(bytesOf(await zip({ a: new Uint8Array(1_000) })));
    await expect(archive.bytes('a', 999)).rejects.toMatchObject({ name: 'DocumentTooLarge' });
  });
});

describe('FileBytes', () => {
  const content = Uint8Array.from({ length: 2 * MIB + 17 }, (_, i) => (i * 31) >> 3);

  function file(): { bytes: FileBytes; reads: [number, number][] } {
    const reads: [number, number][] = [];
    const call = async (_name: string, [start, end]: [number, number]): Promise<Uint8Array> => {
      reads.push([start, end]);
      return content.slice(start, end);
    };
    return { bytes: new FileBytes({ call } as never, content.length), reads };
  }

  it('reads ranges over the borders of blocks, and nothing after the end', async () => {
    const { bytes, reads } = file();
    for (const [start, end] of [
      [0, 10],
      [MIB - 5, MIB + 5],
      [content.length - 3, content.length + 100],
      [0, content.length],
    ] as const) {
      expect(Buffer.compare(await bytes.read(start, end), content.slice(start, end))).toBe(0);
    }
    expect(reads.every(([start, end]) => end - start <= READ_LIMIT_BYTES)).toBe(true);
  });

  it('asks for a block once', async () => {
    const { bytes, reads } = file();
    for (let at = 0; at < 1_000; at += 10) await bytes.read(at, at + 10);
    expect(reads).toHaveLength(1);
  });

  it('asks again after a failure', async () => {
    let fails = true;
    const call = async (_name: string, [start, end]: [number, number]): Promise<Uint8Array> => {
      if (fails) throw new Error('away');
      return content.slice(start, end);
    };
    const bytes = new FileBytes({ call } as never, content.length);
    await expect(bytes.read(0, 10)).rejects.toThrow('away');
    fails = false;
    expect(await bytes.read(0, 10)).toEqual(content.slice(0, 10));
  });
});

describe('decodeXml', () => {
  it('reads what it says of itself, and UTF-8 where that is nothing', () => {
    expect(decodeXml(utf8('<?xml version="1.0"?><a>ä</a>'))).toContain('ä');
    const latin = Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>ä</a>', 'latin1');
    expect(decodeXml(latin)).toContain('ä');
    expect(decodeXml(Buffer.from('\uFEFF<a>ä</a>', 'utf16le'))).toBe('<a>ä</a>');
    expect(decodeXml(utf8('<?xml version="1.0" encoding="no-such"?><a>ä</a>'))).toContain('ä');
  });
});
