/** Small books and office documents, written from XML of our own. */
import { zipStream } from '../../src/lib/zip/index.ts';

type Parts = Readonly<Record<string, string | Uint8Array>>;

const MODIFIED_MS = Date.UTC(2026, 0, 1);
const OPEN_XML = 'application/vnd.openxmlformats-officedocument';
const RELATIONS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const DRAWING = 'http://schemas.openxmlformats.org/drawingml/2006/main';

async function zip(parts: Parts): Promise<Buffer> {
  const entries = async function* () {
    for (const [path, content] of Object.entries(parts)) {
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      yield { path, modifiedMs: MODIFIED_MS, content: bytes };
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

export interface BookChapter {
  readonly title: string;
  /** XHTML of its body. */
  readonly body: string;
  /** XHTML in its head. */
  readonly head?: string;
}

/** An EPUB 3 with a navigation document, a style sheet and a picture `picture.png`. */
export function epubFile(
  title: string,
  chapters: readonly BookChapter[],
  picture: Uint8Array,
  css = '',
): Promise<Buffer> {
  const names = chapters.map((_, i) => `chapter-${String(i + 1)}`);
  const items = names.map(
    (name) => `<item id="${name}" href="text/${name}.xhtml" media-type="application/xhtml+xml"/>`,
  );
  const lines = chapters.map(
    (chapter, i) => `<li><a href="text/${names[i] ?? ''}.xhtml">${chapter.title}</a></li>`,
  );
  const parts: Record<string, string | Uint8Array> = {
    mimetype: 'application/epub+zip',
    'META-INF/container.xml': `<?xml version="1.0"?><container version="1.0"
      xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
      <rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/>
      </rootfiles></container>`,
    'OEBPS/book.opf': `<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0"
      unique-identifier="id"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
      <dc:identifier id="id">book</dc:identifier><dc:title>${title}</dc:title>
      <dc:creator>A. Writer</dc:creator><dc:language>en</dc:language></metadata><manifest>
      <item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>
      ${items.join('')}</manifest>
      <spine>${names.map((name) => `<itemref idref="${name}"/>`).join('')}</spine></package>`,
    'OEBPS/nav.xhtml': `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"
      xmlns:epub="http://www.idpf.org/2007/ops"><head><title>Contents</title></head><body>
      <nav epub:type="toc"><ol>${lines.join('')}</ol></nav></body></html>`,
    'OEBPS/style.css': css,
    'OEBPS/picture.png': picture,
  };
  for (const [i, { title: name, body, head = '' }] of chapters.entries()) {
    parts[`OEBPS/text/${names[i] ?? ''}.xhtml`] =
      `<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml">
      <head><title>${name}</title><link rel="stylesheet" href="../style.css"/>${head}</head>
      <body>${body}</body></html>`;
  }
  return zip(parts);
}

function openXml(main: string, type: string, parts: Parts): Promise<Buffer> {
  return zip({
    '[Content_Types].xml': `<?xml version="1.0"?><Types
      xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
      <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
      <Default Extension="xml" ContentType="application/xml"/>
      <Default Extension="png" ContentType="image/png"/>
      <Override PartName="/${main}" ContentType="${OPEN_XML}.${type}.main+xml"/></Types>`,
    '_rels/.rels': relations([['officeDocument', main]]),
    ...parts,
  });
}

function relations(
  list: readonly (readonly [type: string, target: string, isOutside?: boolean])[],
): string {
  const each = list.map(
    ([type, target, isOutside], i) =>
      `<Relationship Id="r${String(i + 1)}" Type="${OFFICE}/${type}" Target="${target}"${
        isOutside === true ? ' TargetMode="External"' : ''
      }/>`,
  );
  return `<?xml version="1.0"?><Relationships xmlns="${RELATIONS}">${each.join('')}</Relationships>`;
}

/** @param body WordprocessingML with the prefixes `w` and `r`; `r1` is a link to the address */
export function docxFile(body: string, address: string): Promise<Buffer> {
  const document = `<?xml version="1.0"?><w:document xmlns:r="${OFFICE}"
    xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${body}
    <w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1440" w:right="1440" w:bottom="1440"
    w:left="1440" w:header="708" w:footer="708" w:gutter="0"/></w:sectPr></w:body></w:document>`;
  return openXml('word/document.xml', 'wordprocessingml.document', {
    'word/document.xml': document,
    'word/_rels/document.xml.rels': relations([['hyperlink', address, true]]),
  });
}

/** Sheets with rows of cells in SpreadsheetML; styles: 1 a date, 2 a share, 3 money, 4 bold. */
export function xlsxFile(
  sheets: Readonly<Record<string, string>>,
  strings: readonly string[],
): Promise<Buffer> {
  const space = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const names = Object.keys(sheets);
  const parts: Record<string, string> = {
    'xl/workbook.xml': `<?xml version="1.0"?><workbook xmlns="${space}" xmlns:r="${OFFICE}"><sheets>${names
      .map(
        (name, i) => `<sheet name="${name}" sheetId="${String(i + 1)}" r:id="r${String(i + 3)}"/>`,
      )
      .join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relations([
      ['sharedStrings', 'sharedStrings.xml'],
      ['styles', 'styles.xml'],
      ...names.map((_, i) => ['worksheet', `worksheets/sheet${String(i + 1)}.xml`] as const),
    ]),
    'xl/sharedStrings.xml': `<?xml version="1.0"?><sst xmlns="${space}">${strings
      .map((text) => `<si><t>${text}</t></si>`)
      .join('')}</sst>`,
    'xl/styles.xml': `<?xml version="1.0"?><styleSheet xmlns="${space}">
      <numFmts><numFmt numFmtId="164" formatCode="&quot;€&quot; #,##0.00"/></numFmts>
      <fonts><font/><font><b/></font></fonts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>
      <xf numFmtId="10"/><xf numFmtId="164"/><xf numFmtId="0" fontId="1"/></cellXfs></styleSheet>`,
  };
  for (const [i, name] of names.entries()) {
    parts[`xl/worksheets/sheet${String(i + 1)}.xml`] =
      `<?xml version="1.0"?><worksheet xmlns="${space}"><cols><col min="1" max="1" width="24"/></cols>
      <sheetData>${sheets[name] ?? ''}</sheetData></worksheet>`;
  }
  return openXml('xl/workbook.xml', 'spreadsheetml.sheet', parts);
}

/** Slides of DrawingML shapes with the prefixes `p`, `a` and `r`; `r1` is the picture. */
export function pptxFile(slides: readonly string[], picture: Uint8Array): Promise<Buffer> {
  const space = 'http://schemas.openxmlformats.org/presentationml/2006/main';
  const spaces = `xmlns:p="${space}" xmlns:a="${DRAWING}" xmlns:r="${OFFICE}"`;
  const parts: Record<string, string | Uint8Array> = {
    'ppt/presentation.xml': `<?xml version="1.0"?><p:presentation ${spaces}><p:sldIdLst>${slides
      .map((_, i) => `<p:sldId id="${String(256 + i)}" r:id="r${String(i + 1)}"/>`)
      .join('')}</p:sldIdLst></p:presentation>`,
    'ppt/_rels/presentation.xml.rels': relations(
      slides.map((_, i) => ['slide', `slides/slide${String(i + 1)}.xml`] as const),
    ),
    'ppt/media/picture.png': picture,
  };
  for (const [i, shapes] of slides.entries()) {
    const name = `slide${String(i + 1)}.xml`;
    parts[`ppt/slides/${name}`] =
      `<?xml version="1.0"?><p:sld ${spaces}><p:cSld><p:spTree>${shapes}</p:spTree></p:cSld></p:sld>`;
    parts[`ppt/slides/_rels/${name}.rels`] = relations([['image', '../media/picture.png']]);
  }
  return openXml('ppt/presentation.xml', 'presentationml.presentation', parts);
}

/** A shape of a slide with lines of text; `kind` of a placeholder, empty for its body. */
export function slideText(kind: string, lines: readonly (readonly [number, string])[]): string {
  const paragraphs = lines.map(
    ([level, text]) => `<a:p><a:pPr lvl="${String(level)}"/><a:r><a:t>${text}</a:t></a:r></a:p>`,
  );
  const type = kind === '' ? '' : ` type="${kind}"`;
  return `<p:sp><p:nvSpPr><p:nvPr><p:ph${type}/></p:nvPr></p:nvSpPr><p:txBody>${paragraphs.join(
    '',
  )}</p:txBody></p:sp>`;
}

/** The picture of {@link pptxFile} on a slide. */
export function slidePicture(words: string): string {
  return `<p:pic><p:nvPicPr><p:cNvPr id="9" name="Picture" descr="${words}"/></p:nvPicPr>
    <p:blipFill><a:blip r:embed="r1"/></p:blipFill></p:pic>`;
}

/** @param body OpenDocument XML with the prefixes `office`, `text`, `table`, `draw`, `style` */
export function openDocumentFile(
  kind: 'text' | 'spreadsheet' | 'presentation',
  body: string,
  { styles = '', picture }: { styles?: string; picture?: Uint8Array } = {},
): Promise<Buffer> {
  const space = (name: string): string =>
    `xmlns:${name}="urn:oasis:names:tc:opendocument:xmlns:${name}:1.0"`;
  const spaces = [
    ...['office', 'text', 'table', 'style', 'presentation'].map(space),
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"',
    'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"',
    'xmlns:xlink="http://www.w3.org/1999/xlink"',
  ].join(' ');
  return zip({
    mimetype: `application/vnd.oasis.opendocument.${kind}`,
    'content.xml': `<?xml version="1.0"?><office:document-content ${spaces}>
      <office:automatic-styles>${styles}</office:automatic-styles>
      <office:body><office:${kind}>${body}</office:${kind}></office:body></office:document-content>`,
    ...(picture === undefined ? {} : { 'Pictures/picture.png': picture }),
  });
}
