/** What a thing looks like: its icon, its hue and its word. Finer than the viewer that opens it. */
import type { Entry } from '#lib/client/index.ts';
import { mediaKindOf, type MediaKind } from './media-kind.ts';

export type IconKind = MediaKind | 'table' | 'slides' | 'code' | 'app';

const TABLE = /excel|spreadsheet|csv|tab-separated/u;
const SLIDES = /powerpoint|presentation/u;
const CODE =
  /javascript|typescript|json|xml|html|css|toml|yaml|x-sh|sql|x-python|x-c|x-java|x-rust/u;
const APP = /vnd\.android\.package|x-msdownload|x-msi|x-apple-diskimage|x-executable|wasm/u;

const EXTENSIONS = new Map<string, IconKind>(
  Object.entries({
    table: 'csv tsv xls xlsx ods numbers',
    slides: 'ppt pptx odp key',
    code: 'js mjs ts tsx jsx json xml html htm css scss py rs go c h cpp hpp java kt swift rb php sh bash ps1 sql toml yaml yml svelte vue lua r ipynb',
    archive: 'zip tar gz tgz bz2 xz zst 7z rar',
    document: 'pdf doc docx odt rtf epub pages',
    app: 'exe msi apk dmg deb rpm appimage wasm jar',
    text: 'txt md log ini conf nfo srt vtt',
  }).flatMap(([kind, names]) => names.split(' ').map((name) => [name, kind as IconKind])),
);

/** By its label where that says something, by the end of its name where it does not. */
export function iconKindOf(entry: Pick<Entry, 'kind' | 'mimeType' | 'name'>): IconKind {
  const kind = mediaKindOf(entry);
  if (kind === 'folder' || kind === 'image' || kind === 'video' || kind === 'audio') return kind;
  const type = entry.mimeType.toLowerCase();
  if (TABLE.test(type)) return 'table';
  if (SLIDES.test(type)) return 'slides';
  if (APP.test(type)) return 'app';
  if (kind === 'archive') return kind;
  if (CODE.test(type) && kind !== 'document') return 'code';
  const named = EXTENSIONS.get(/\.([^.]+)$/u.exec(entry.name)?.[1]?.toLowerCase() ?? '');
  if (kind === 'document') return named === 'table' || named === 'slides' ? named : kind;
  if (kind === 'other' && type.startsWith('image/')) return 'image';
  return named ?? kind;
}
