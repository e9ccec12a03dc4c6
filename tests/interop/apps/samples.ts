/** Files to open apps on, by their extension. */
import { docxFile, epubFile, xlsxFile } from '../../media/office-files.ts';
import { textPdf } from '../../media/pdf-files.ts';
import { picture } from '../../browser/fixture-files.ts';

const TEXT = 'One line of text\nand another one.\n';
const PARAGRAPH = '<w:p><w:r><w:t>One line of text</w:t></w:r></w:p>';
const CELL = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>';
const SAMPLE_RATE = 8_000;

const MAKERS: Readonly<Record<string, () => Uint8Array | string | Promise<Uint8Array>>> = {
  txt: () => TEXT,
  md: () => '# A title\n\nOne line of text.\n',
  html: () => '<!doctype html><title>A page</title><h1>A page</h1><p>One line of text.</p>\n',
  svg: () =>
    '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><circle cx="32" cy="32" r="24"/></svg>',
  png: () => picture(64, 48, [40, 90, 160]),
  wav: () => tone(),
  pdf: () => textPdf([['One line of text']]),
  docx: () => docxFile(PARAGRAPH, 'https://example.org/'),
  xlsx: () => xlsxFile({ Sheet: CELL }, ['One line of text']),
  epub: () =>
    epubFile(
      'A book',
      [{ title: 'First', body: '<h1>First</h1><p>One line of text.</p>' }],
      picture(8, 8, [200, 0, 0]),
    ),
};

/** The extension of a file of a coarse type of C-9 §9.3. */
const EXTENSION_OF_TYPE: Readonly<Record<string, string>> = {
  image: 'png',
  audio: 'wav',
  text: 'txt',
  pdf: 'pdf',
};

export interface FileKinds {
  readonly extensions: readonly string[];
  readonly types: readonly string[];
  /** Extensions of files that the app itself begins, and how. */
  readonly beginnings: ReadonlyMap<string, Uint8Array>;
}

export interface Sample {
  readonly extension: string;
  readonly bytes: Uint8Array;
}

/**
 * Files that an app of these kinds opens, the first of them by itself: as the app begins it, one of
 * `given`, those of ours; else an empty one. None for an app that opens none. `given`: contents by
 * extension.
 */
export async function samplesFor(
  { extensions, types, beginnings }: FileKinds,
  given: ReadonlyMap<string, Uint8Array>,
): Promise<readonly Sample[]> {
  const ofTypes = types.map((type) => EXTENSION_OF_TYPE[type]);
  const wanted = [...extensions, ...ofTypes]
    .filter((one) => one !== undefined)
    .map((one) => (one === '*' ? 'txt' : one));
  const found: Sample[] = [];
  for (const extension of new Set(wanted)) {
    const bytes =
      beginnings.get(extension) ?? given.get(extension) ?? (await MAKERS[extension]?.());
    if (bytes !== undefined) found.push({ extension, bytes: Buffer.from(bytes) });
  }
  const [first] = wanted;
  if (found.length > 0 || first === undefined) return found;
  return [{ extension: first, bytes: new Uint8Array() }];
}

/** A second of a tone, as WAV of one channel with 8 bits. */
function tone(): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + SAMPLE_RATE, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(SAMPLE_RATE, 24);
  header.writeUInt32LE(SAMPLE_RATE, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(SAMPLE_RATE, 40);
  const wave = Buffer.from(
    Array.from({ length: SAMPLE_RATE }, (_, at) => 128 + Math.round(100 * Math.sin(at / 3))),
  );
  return Buffer.concat([header, wave]);
}
