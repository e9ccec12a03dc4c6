/**
 * Books and office documents by the first bytes of their archive. EPUB and OpenDocument begin with a
 * stored file `mimetype` (OCF 3.3 §4.3, OpenDocument 1.3 part 2 §3.3); Office Open XML has folders
 * of known names (ECMA-376 part 2), of which the first local headers name some.
 */
import { isAt } from './bytes-at.ts';

const OPEN_XML = 'application/vnd.openxmlformats-officedocument.';
const OPEN_DOCUMENT = 'application/vnd.oasis.opendocument.';

/** The types that a viewer of ours shows, by the end of a name. */
const BY_EXTENSION: ReadonlyMap<string, string> = new Map([
  ['epub', 'application/epub+zip'],
  ['docx', `${OPEN_XML}wordprocessingml.document`],
  ['xlsx', `${OPEN_XML}spreadsheetml.sheet`],
  ['pptx', `${OPEN_XML}presentationml.presentation`],
  ['odt', `${OPEN_DOCUMENT}text`],
  ['ods', `${OPEN_DOCUMENT}spreadsheet`],
  ['odp', `${OPEN_DOCUMENT}presentation`],
]);
const TYPES: ReadonlySet<string> = new Set(BY_EXTENSION.values());
const OPEN_XML_FOLDERS: readonly (readonly [string, string])[] = [
  ['word/', 'docx'],
  ['xl/', 'xlsx'],
  ['ppt/', 'pptx'],
];

const LOCAL_BYTES = 30;
const TYPE_MAX = 80;

/**
 * The media type of a book or an office document.
 *
 * @param start the first bytes of a ZIP archive
 * @param extension of its name, which tells where the bytes do not
 * @returns undefined for other archives
 */
export function packageTypeOf(start: Uint8Array, extension: string): string | undefined {
  const named = BY_EXTENSION.get(extension);
  if (isAt(start, LOCAL_BYTES, 'mimetype')) {
    const at = LOCAL_BYTES + 'mimetype'.length;
    const text = String.fromCharCode(...start.subarray(at, at + TYPE_MAX));
    const type = /^[a-z]+\/[a-z.+-]+/u.exec(text.split('PK')[0] ?? '')?.[0];
    // Templates and other relatives are named in full, and are not shown.
    if (type !== undefined) return TYPES.has(type) ? type : undefined;
  }
  const names = firstNames(start);
  const isOpenXml = names.some((name) => /^(?:\[Content_Types\]\.xml|_rels\/\.rels)$/u.test(name));
  const folder = OPEN_XML_FOLDERS.find(([path]) => names.some((name) => name.startsWith(path)));
  if (isOpenXml && folder !== undefined) return BY_EXTENSION.get(folder[1]);
  return named;
}

/** Names in the local headers that are found; what is compressed may hold the like, and says nothing. */
function firstNames(start: Uint8Array): string[] {
  const names: string[] = [];
  const view = new DataView(start.buffer, start.byteOffset, start.length);
  for (let at = 0; at + LOCAL_BYTES < start.length; at++) {
    if (view.getUint32(at, true) !== 0x04034b50) continue;
    const length = view.getUint16(at + 26, true);
    const name = start.subarray(at + LOCAL_BYTES, at + LOCAL_BYTES + Math.min(length, 256));
    names.push(String.fromCharCode(...name));
  }
  return names;
}
