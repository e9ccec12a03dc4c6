/** PDF files for tests, all of our own making: what is on each page is known. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { jbig2Halves, JPEG2000 } from './pdf-images.ts';
import { aes256, rc4 } from './pdf-encryption.ts';
import { latin, literal, PdfWriter, ref, type PdfOptions } from './pdf-writer.ts';

const PAGE = '/MediaBox [0 0 595 842]';
const FONT = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>';

interface Parts {
  readonly writer: PdfWriter;
  readonly pages: readonly number[];
  readonly pageTree: number;
}

/** Lines of text, one page each list. */
function textPages(texts: readonly (readonly string[])[], pageExtra = ''): Parts {
  const writer = new PdfWriter();
  const font = writer.add(FONT);
  const pageTree = writer.reserve();
  const pages = texts.map((lines) => {
    const content = writer.add('<< >>', latin(drawn(lines)));
    const resources = `/Resources << /Font << /F ${ref(font)} >> >>`;
    return writer.add(
      `<< /Type /Page /Parent ${ref(pageTree)} ${PAGE} ${resources} ` +
        `/Contents ${ref(content)} ${pageExtra} >>`,
    );
  });
  writer.set(pageTree, treeOf(pages));
  return { writer, pages, pageTree };
}

const drawn = (lines: readonly string[]): string =>
  `BT /F 18 Tf 24 TL 60 760 Td ${lines.map((line) => `${literal(line)} Tj T*`).join(' ')} ET`;
const treeOf = (pages: readonly number[]): string =>
  `<< /Type /Pages /Count ${String(pages.length)} /Kids [${pages.map(ref).join(' ')}] >>`;
const catalog = ({ writer, pageTree }: Parts, extra = ''): number =>
  writer.add(`<< /Type /Catalog /Pages ${ref(pageTree)} ${extra} >>`);

export function textPdf(texts: readonly (readonly string[])[], options?: PdfOptions): Buffer {
  const parts = textPages(texts);
  return parts.writer.bytes(catalog(parts), options);
}

/** Chapters with a list of contents; the first page links to the last and to another site. */
export function bookPdf(chapters: readonly string[], site: string): Buffer {
  const parts = textPages(chapters.map((chapter, at) => [chapter, `Page ${String(at + 1)}`]));
  const { writer, pages } = parts;
  const [first = 0, last = 0] = [pages[0], pages.at(-1)];
  const link = (rect: string, target: string): number =>
    writer.add(`<< /Type /Annot /Subtype /Link /Border [0 0 0] /Rect [${rect}] ${target} >>`);
  const inside = link('60 700 300 720', `/Dest [${ref(last)} /Fit]`);
  const outside = link('60 660 300 680', `/A << /S /URI /URI ${literal(site)} >>`);
  writer.set(
    first,
    `<< /Type /Page /Parent ${ref(parts.pageTree)} ${PAGE} /Resources << /Font << /F 1 0 R >> >> ` +
      `/Contents ${ref(first - 1)} /Annots [${ref(inside)} ${ref(outside)}] >>`,
  );
  const outline = writer.reserve();
  const items = chapters.map(() => writer.reserve());
  for (const [at, item] of items.entries()) {
    const next = items[at + 1] === undefined ? '' : `/Next ${ref(items[at + 1]!)}`;
    const title = literal(chapters[at]!);
    writer.set(
      item,
      `<< /Title ${title} /Parent ${ref(outline)} /Dest [${ref(pages[at]!)} /Fit] ${next} >>`,
    );
  }
  const count = `/Count ${String(items.length)}`;
  writer.set(
    outline,
    `<< /Type /Outlines /First ${ref(items[0]!)} /Last ${ref(items.at(-1)!)} ${count} >>`,
  );
  return writer.bytes(catalog(parts, `/Outlines ${ref(outline)}`));
}

/**
 * A form with one field of text, `Name`. Its scripts would change the field and call for help: when
 * the document opens, when the page does, and when the field has the keyboard.
 */
export function formPdf(): Buffer {
  const parts = textPages([['A form', 'Name:']]);
  const { writer, pages } = parts;
  const script = (code: string): string => `<< /S /JavaScript /JS ${literal(code)} >>`;
  const harm =
    'this.getField("Name").value = "harm"; app.alert("harm"); ' +
    'globalThis.harm = 1; app.launchURL("https://harm.example/");';
  const field = writer.add(
    '<< /Type /Annot /Subtype /Widget /FT /Tx /T (Name) /V () /DA (/F 14 Tf 0 g) /F 4 ' +
      `/Rect [140 725 400 748] /P ${ref(pages[0]!)} ` +
      `/AA << /Fo ${script(harm)} /K ${script(harm)} /V ${script(harm)} >> >>`,
  );
  writer.set(
    pages[0]!,
    `<< /Type /Page /Parent ${ref(parts.pageTree)} ${PAGE} /Resources << /Font << /F 1 0 R >> >> ` +
      `/Contents ${ref(pages[0]! - 1)} /Annots [${ref(field)}] /AA << /O ${script(harm)} >> >>`,
  );
  const form = `<< /Fields [${ref(field)}] /DR << /Font << /F 1 0 R >> >> /DA (/F 14 Tf 0 g) >>`;
  const names = `/Names << /JavaScript << /Names [(a) ${script(harm)}] >> >>`;
  return writer.bytes(catalog(parts, `/AcroForm ${form} ${names} /OpenAction ${script(harm)}`));
}

/** A page, and files in the document: names as the document has them, and their texts. */
export function attachedPdf(files: Readonly<Record<string, string>>): Buffer {
  const parts = textPages([['With files']]);
  const { writer } = parts;
  const entries = Object.entries(files).map(([name, text], at) => {
    const stream = writer.add('<< /Type /EmbeddedFile >>', latin(text));
    const file = `/F ${literal(name)} /UF ${literal(name)} /EF << /F ${ref(stream)} >>`;
    return `(${String(at)}) ${ref(writer.add(`<< /Type /Filespec ${file} /Desc (About it) >>`))}`;
  });
  const names = `/Names << /EmbeddedFiles << /Names [${entries.join(' ')}] >> >>`;
  return writer.bytes(catalog(parts, names));
}

/** Pictures in forms that browsers do not know, and Japanese in a font that is not in the file. */
export function raritiesPdf(): Buffer {
  const writer = new PdfWriter();
  const picture = (filter: string, width: number, bits: number, colour: string, data: Uint8Array) =>
    writer.add(
      `<< /Type /XObject /Subtype /Image /Width ${String(width)} /Height ${String(width)} ` +
        `/ColorSpace /${colour} /BitsPerComponent ${String(bits)} /Filter /${filter} >>`,
      data,
    );
  const jpx = picture('JPXDecode', 32, 8, 'DeviceRGB', JPEG2000);
  const jbig2 = picture('JBIG2Decode', 64, 1, 'DeviceGray', jbig2Halves(64));
  const descendant = writer.add(
    '<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiMin-W3 ' +
      '/CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> >>',
  );
  const font = writer.add(
    '<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiMin-W3 /Encoding /90ms-RKSJ-H ' +
      `/DescendantFonts [${ref(descendant)}] >>`,
  );
  // 日本語 in Shift JIS.
  const content = writer.add(
    '<< >>',
    latin(
      'q 100 0 0 100 60 600 cm /X Do Q q 100 0 0 100 260 600 cm /B Do Q ' +
        'BT /J 24 Tf 60 500 Td <93fa967b8cea> Tj ET',
    ),
  );
  const pageTree = writer.reserve();
  const page = writer.add(
    `<< /Type /Page /Parent ${ref(pageTree)} ${PAGE} /Contents ${ref(content)} /Resources << ` +
      `/XObject << /X ${ref(jpx)} /B ${ref(jbig2)} >> /Font << /J ${ref(font)} >> >> >>`,
  );
  writer.set(pageTree, treeOf([page]));
  return writer.bytes(writer.add(`<< /Type /Catalog /Pages ${ref(pageTree)} >>`));
}

/** The same page again and again. */
export function longPdf(pages: number): Buffer {
  return textPdf(Array.from({ length: pages }, (_, at) => [`Page ${String(at + 1)}`]));
}

/** Opened by the password alone. */
export function lockedPdf(cipher: 'RC4' | 'AES-256', password: string, line: string): Buffer {
  const id = randomBytes(16);
  const { dictionary, encrypt } = (cipher === 'RC4' ? rc4 : aes256)(password, id);
  const hex = `<${id.toString('hex')}>`;
  return textPdf([[line]], { encrypt, trailer: `/Encrypt ${dictionary} /ID [${hex} ${hex}]` });
}

/** The table of objects is said to be elsewhere; the rest is whole. */
export function withLostTable(pdf: Buffer): Buffer {
  return latin(pdf.toString('latin1').replace(/startxref\n\d+/u, 'startxref\n7'));
}

/**
 * Pages that each show a picture of their own, which nothing can compress: the pages come first, then
 * all pictures, then the table. Written to disk; pictures of one byte a pixel.
 */
export async function writePicturesPdf(path: string, pages: number, side: number): Promise<void> {
  const writer = new PdfWriter();
  const font = writer.add(FONT);
  const pageTree = writer.reserve();
  const root = writer.add(`<< /Type /Catalog /Pages ${ref(pageTree)} >>`);
  const firstPicture = root + 2 * pages + 1;
  const numbers = Array.from({ length: pages }, (_, at) => {
    const text = drawn([`Picture ${String(at + 1)} of ${String(pages)}`]);
    const content = writer.add('<< >>', latin(`${text} q 475 0 0 475 60 200 cm /I Do Q`));
    return writer.add(
      `<< /Type /Page /Parent ${ref(pageTree)} ${PAGE} /Contents ${ref(content)} /Resources << ` +
        `/Font << /F ${ref(font)} >> /XObject << /I ${ref(firstPicture + at)} >> >> >>`,
    );
  });
  writer.set(pageTree, treeOf(numbers));
  const noise = randomBytes(side * side);
  for (let at = 0; at < pages; at++) {
    writer.add(
      `<< /Type /XObject /Subtype /Image /Width ${String(side)} /Height ${String(side)} ` +
        '/ColorSpace /DeviceGray /BitsPerComponent 8 >>',
      noise,
    );
  }
  const file = createWriteStream(path);
  for (const piece of writer.pieces(root)) {
    if (!file.write(piece)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
}
