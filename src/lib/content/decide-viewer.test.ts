import { describe, expect, it } from 'vitest';
import { decideViewer } from './decide-viewer.ts';

const hex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (it) => parseInt(it, 16));
const letters = (text: string) => new TextEncoder().encode(text);
const latin = (text: string) => Uint8Array.from(text, (it) => it.charCodeAt(0));
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>';
const PNG = hex('89504e470d0a1a0a0000000d4948445200000001');
const BINARY = hex('0001020304050607f0f1f2f3f4f5');

function viewerOf(name: string, label: string, start: Uint8Array | string, sizeBytes?: number) {
  const bytes = typeof start === 'string' ? letters(start) : start;
  return decideViewer({ name, label, start: bytes, sizeBytes: sizeBytes ?? bytes.length });
}

describe('decideViewer', () => {
  it.each([
    ['bmw.txt', 'image/bmp', 'BMW, Audi, Porsche: a list of cars'],
    ['gifnote.md', 'image/gif', 'GIF is a format, too'],
    ['gif89a.md', 'image/gif', 'GIF89a is a format of 1989'],
    ['id3.txt', 'audio/mpeg', 'ID3 tags of songs'],
    ['script.ts', 'text/plain', 'GGGG const at = 1;'],
    ['no extension', 'video/x-flv', 'FLV is a container'],
    ['song.mp3', 'audio/mpeg', 'ID3 tags are described here'],
  ])('shows the text %s, labelled %s, as text', (name, label, text) => {
    expect(viewerOf(name, label, text)).toEqual({
      viewer: 'text',
      kind: 'text',
      mimeType: 'text/plain',
    });
  });

  it('shows text that is not UTF-8 as text', () => {
    expect(viewerOf('latin.txt', 'application/octet-stream', hex('4772f6df65')).viewer).toBe(
      'text',
    );
    const utf16 = hex('fffe4700f600df006500');
    expect(viewerOf('note', 'application/octet-stream', utf16).viewer).toBe('text');
    expect(viewerOf('bmw.txt', 'image/bmp', hex('424d57204772f6df65')).viewer).toBe('text');
  });

  it('shows SVG as a picture whatever stands before it and however it is named', () => {
    const picture = { viewer: 'image', kind: 'image', mimeType: 'image/svg+xml' };
    expect(viewerOf('A.SVG', 'text/plain', SVG)).toEqual(picture);
    expect(viewerOf('a.svg', 'text/plain', `<!-- made by x -->\n${SVG}`)).toEqual(picture);
    expect(viewerOf('drawing', 'text/plain', SVG)).toEqual(picture);
    expect(viewerOf('a.svg', 'text/plain', `<!--${'x'.repeat(99)}`, 200)).toEqual(picture);
  });

  it('shows SVG under the name of a text, and no SVG under its name, as text', () => {
    expect(viewerOf('icon.txt', 'text/plain', SVG).viewer).toBe('text');
    expect(viewerOf('a.svg', 'image/svg+xml', '<html><script>1</script></html>').viewer).toBe(
      'text',
    );
  });

  it('believes bytes before names and labels', () => {
    const picture = { viewer: 'image', kind: 'image', mimeType: 'image/png' };
    expect(viewerOf('photo.txt', 'text/plain', PNG)).toEqual(picture);
    expect(viewerOf('film.mp4', 'video/mp4', PNG)).toEqual(picture);
  });

  it('shows a picture that a film’s label was given', () => {
    const avif = hex('0000001866747970' + '6d696631' + '00000000' + '61766966' + '6d696631');
    expect(viewerOf('photo.avif', 'video/mp4', avif, 9_000)).toEqual({
      viewer: 'image',
      kind: 'image',
      mimeType: 'image/avif',
    });
  });

  it('plays as sound what is named so and may be either', () => {
    const mp4 = hex('00000018667479706d703432000000006d70343169736f6d');
    expect(viewerOf('song.m4a', 'video/mp4', mp4, 9_000)).toMatchObject({
      viewer: 'audio',
      mimeType: 'audio/mp4',
    });
    expect(viewerOf('song.mp4', 'video/mp4', mp4, 9_000).viewer).toBe('video');
  });

  it('shows as PDF what says so within its first 1,024 bytes, however it is named', () => {
    const pdf = { viewer: 'pdf', kind: 'document', mimeType: 'application/pdf' };
    expect(viewerOf('a.pdf', 'application/pdf', '%PDF-1.4\n1 0 obj')).toEqual(pdf);
    expect(viewerOf('letter.txt', 'text/plain', '%PDF-1.4\n1 0 obj')).toEqual(pdf);
    expect(viewerOf('scan', 'text/plain', `${'x'.repeat(1016)}%PDF-1.4`)).toEqual(pdf);
    expect(viewerOf('scan', 'text/plain', `${'x'.repeat(1020)}%PDF-1.4`).viewer).toBe('text');
  });

  it('shows nothing as PDF for its name or label alone', () => {
    expect(viewerOf('a.pdf', 'application/pdf', 'A letter about PDF.').viewer).toBe('text');
    expect(viewerOf('a.pdf', 'application/pdf', BINARY).viewer).toBeUndefined();
  });

  it('has no viewer for documents, archives and what nobody knows', () => {
    const zip = hex('504b0304140000000800');
    expect(viewerOf('a.zip', 'application/zip', zip)).toMatchObject({
      viewer: undefined,
      kind: 'archive',
    });
    expect(viewerOf('state', 'text/plain', BINARY)).toMatchObject({
      viewer: undefined,
      kind: 'other',
    });
  });

  it('shows books and office documents by their first files', () => {
    const named = (name: string): string =>
      `PK\x03\x04${'\0'.repeat(22)}${String.fromCharCode(name.length)}\0\0\0${name}`;
    const epub = `${named('mimetype')}application/epub+zipPK\x03\x04\xff`;
    expect(viewerOf('no-end', 'application/zip', latin(epub))).toEqual({
      viewer: 'document',
      kind: 'document',
      mimeType: 'application/epub+zip',
    });
    const template = `${named('mimetype')}application/vnd.oasis.opendocument.text-templatePK\x03\x04\xff`;
    expect(viewerOf('a.odt', 'application/zip', latin(template)).viewer).toBeUndefined();
    const workbook = `${named('[Content_Types].xml')}\xff${named('xl/workbook.xml')}`;
    expect(viewerOf('renamed.zip', 'application/zip', latin(workbook)).mimeType).toBe(
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    );
    // The folder of a package that is none.
    const folder = `${named('word/letter.txt')}\xff`;
    expect(viewerOf('a.zip', 'application/zip', latin(folder)).viewer).toBeUndefined();
  });

  it('believes a name of an archive that begins with other files', () => {
    const zip = hex('504b0304140000000800');
    expect(viewerOf('a.docx', 'application/zip', zip)).toMatchObject({
      viewer: 'document',
      kind: 'document',
    });
    expect(viewerOf('a.docx', 'application/zip', BINARY).viewer).toBeUndefined();
    expect(viewerOf('a.pages', 'application/zip', zip)).toMatchObject({
      viewer: undefined,
      kind: 'document',
    });
  });

  it('lets the browser try what only the name tells', () => {
    expect(viewerOf('old.mpg', 'application/octet-stream', BINARY).viewer).toBe('video');
    expect(viewerOf('log.txt', 'application/octet-stream', BINARY).viewer).toBe('text');
    expect(viewerOf('x', 'image/webp', BINARY)).toMatchObject({
      viewer: 'image',
      mimeType: 'image/webp',
    });
  });

  it('shows an empty text, and of other empty files nothing', () => {
    expect(viewerOf('empty.txt', 'text/plain', '').viewer).toBe('text');
    expect(viewerOf('empty', 'text/plain', '').viewer).toBe('text');
    expect(viewerOf('empty.jpg', 'text/plain', '').viewer).toBeUndefined();
  });
});
