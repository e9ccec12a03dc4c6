/**
 * Names of files as other systems take them: what is wrong with a name there, and which one to use
 * instead. Two names of one folder never become one, and a name that may stay always does, so that
 * what needs no change is found under its own name.
 *
 * Pure: nothing here looks at a disk. Names come from elsewhere: hostile.
 */
import { utf8 } from '#lib/bytes/index.ts';
import { NAME_MAX_UNITS } from '#lib/codec/index.ts';
import { splitExtension } from './names.ts';

/**
 * Whose rules: Linux and its kin, macOS, Windows, all of them at once (for an archive, or a disk
 * that is not known), or the drive's own (for what comes from a disk).
 */
export type NameRules = 'posix' | 'macos' | 'windows' | 'portable' | 'drive';

/** What is wrong with a name. */
export type NameFault =
  | 'empty'
  /** `.` and `..` lead elsewhere. */
  | 'dots'
  | 'control'
  /** A character that means something else there: `/`, or one of `\ : * ? " < > |`. */
  | 'character'
  /** Half of a surrogate pair, which has no form in UTF-8. */
  | 'half-character'
  /** The name of a device: `CON`, `nul.txt`, `COM1`. */
  | 'reserved'
  /** A dot or a blank at the end, which Windows drops. */
  | 'ending'
  | 'length';

interface System {
  readonly controls: RegExp;
  readonly characters: RegExp;
  readonly hasDevices: boolean;
  readonly maxUnits: number;
  readonly maxBytes: number;
  /** Equal for two names that the system takes for one. */
  readonly fold: (name: string) => string;
}

const FILE_NAME_MAX = 255;
const NUL = /\0/gu;
// eslint-disable-next-line no-control-regex -- these are what is refused
const C0 = /[\u0000-\u001f]/gu;
const ALL_CONTROLS = /\p{Cc}/gu;
const SLASH = /\//gu;
const WINDOWS_CHARACTERS = /[/\\:*?"<>|]/gu;
const DEVICE = /^(?<device>con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?= *(?:\.|$))/iu;
const BAD_ENDING = /[. ]+$/u;

const SYSTEMS: Readonly<Record<NameRules, System>> = {
  posix: {
    controls: NUL,
    characters: SLASH,
    hasDevices: false,
    maxUnits: Infinity,
    maxBytes: FILE_NAME_MAX,
    fold: (name) => name,
  },
  macos: {
    controls: NUL,
    characters: SLASH,
    hasDevices: false,
    maxUnits: FILE_NAME_MAX,
    maxBytes: FILE_NAME_MAX,
    fold: foldAll,
  },
  windows: {
    controls: C0,
    characters: WINDOWS_CHARACTERS,
    hasDevices: true,
    maxUnits: FILE_NAME_MAX,
    maxBytes: Infinity,
    fold: foldCase,
  },
  portable: {
    controls: ALL_CONTROLS,
    characters: WINDOWS_CHARACTERS,
    hasDevices: true,
    maxUnits: FILE_NAME_MAX,
    maxBytes: FILE_NAME_MAX,
    fold: foldAll,
  },
  drive: {
    controls: ALL_CONTROLS,
    characters: SLASH,
    hasDevices: false,
    maxUnits: NAME_MAX_UNITS,
    maxBytes: Infinity,
    fold: (name) => name,
  },
};

/** The first thing that keeps a name from being used as it is; `undefined` if it may be. */
export function nameFault(name: string, rules: NameRules): NameFault | undefined {
  const system = SYSTEMS[rules];
  if (name === '') return 'empty';
  if (name === '.' || name === '..') return 'dots';
  if (name.search(system.controls) >= 0) return 'control';
  if (name.search(system.characters) >= 0) return 'character';
  if (!name.isWellFormed()) return 'half-character';
  if (system.hasDevices && DEVICE.test(name)) return 'reserved';
  if (system.hasDevices && BAD_ENDING.test(name)) return 'ending';
  return fits(name, system) ? undefined : 'length';
}

/**
 * The names of one folder as these rules take them, in the order given and each another one.
 * Whatever order they come in, a name is mapped to the same.
 */
export function mapNames(names: readonly string[], rules: NameRules): string[] {
  const { fold } = SYSTEMS[rules];
  const mapped = [...names];
  const taken = new Set<string>();
  const toChange: number[] = [];
  for (const at of sortedPositions(names)) {
    const name = names[at] ?? '';
    const key = fold(name);
    if (nameFault(name, rules) !== undefined || taken.has(key)) toChange.push(at);
    else taken.add(key);
  }
  // Where the search for a free name goes on, so that a thousand alike are not a million tries.
  const nextMarks = new Map<string, number>();
  for (const at of toChange) {
    const plain = repaired(names[at] ?? '', rules);
    let mark = nextMarks.get(plain) ?? 1;
    let name = marked(plain, mark, rules);
    while (taken.has(fold(name))) name = marked(plain, ++mark, rules);
    nextMarks.set(plain, mark + 1);
    taken.add(fold(name));
    mapped[at] = name;
  }
  return mapped;
}

/**
 * Paths such as `photos/a:b.jpg` as these rules take them, in the order given and each another one.
 * One that ends in `/` is a folder's, and a folder has the same name in every path below it.
 */
export function mapPaths(paths: readonly string[], rules: NameRules): string[] {
  const top: Folder = newFolder();
  for (const [at, path] of paths.entries()) {
    const names = path.split('/').filter((name) => name !== '');
    const file = path.endsWith('/') ? undefined : (names.pop() ?? '');
    let folder = top;
    for (const name of names) {
      const below = folder.folders.get(name) ?? newFolder();
      folder.folders.set(name, below);
      folder = below;
    }
    if (file === undefined) folder.positions.push(at);
    else folder.files.push([file, at]);
  }
  const mapped = [...paths];
  const waiting: [folder: Folder, before: string][] = [[top, '']];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [{ folders, files, positions }, before] = next;
    for (const at of positions) mapped[at] = before;
    const below = [...folders];
    const names = mapNames([...below.map(([name]) => name), ...files.map(([name]) => name)], rules);
    for (const [i, [, folder]] of below.entries()) waiting.push([folder, `${before}${names[i]}/`]);
    for (const [i, [, at]] of files.entries()) mapped[at] = `${before}${names[below.length + i]}`;
  }
  return mapped;
}

interface Folder {
  readonly folders: Map<string, Folder>;
  readonly files: [name: string, position: number][];
  /** Of the paths that name this folder itself. */
  readonly positions: number[];
}

function newFolder(): Folder {
  return { folders: new Map(), files: [], positions: [] };
}

function sortedPositions(names: readonly string[]): number[] {
  const key = (at: number): string => names[at] ?? '';
  return Array.from(names.keys()).sort((a, b) =>
    key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a - b,
  );
}

/** A name without fault, but for its length. */
function repaired(name: string, rules: NameRules): string {
  const { controls, characters, hasDevices } = SYSTEMS[rules];
  if (/^\.{0,2}$/u.test(name)) return '_'.repeat(Math.max(1, name.length));
  const clean = name.toWellFormed().replaceAll(controls, '_').replaceAll(characters, '_');
  return hasDevices ? withoutEnding(clean.replace(DEVICE, '$<device>_')) : clean;
}

function withoutEnding(name: string): string {
  return name.replace(BAD_ENDING, (ending) => '_'.repeat(ending.length));
}

/** `a.txt`, `a (2).txt`, …; what would be too long loses the end of its base. */
function marked(name: string, mark: number, rules: NameRules): string {
  const system = SYSTEMS[rules];
  const text = mark === 1 ? '' : ` (${mark})`;
  const { base, extension } = splitExtension(name);
  if (fits(base + text + extension, system)) return base + text + extension;
  const room = (end: string) => (start: string) => fits(start + text + end, system);
  // An extension that leaves little room for anything else is none.
  const end = fits(extension + extension, system) ? extension : '';
  const start = longestStart(end === '' ? name : base, room(end));
  const cut = start + text + end;
  return system.hasDevices ? withoutEnding(cut) : cut;
}

function fits(name: string, { maxUnits, maxBytes }: System): boolean {
  return name.length <= maxUnits && (maxBytes === Infinity || utf8(name).length <= maxBytes);
}

/** No character is cut through; one that is too long by itself is cut between its code points. */
function longestStart(text: string, isShort: (start: string) => boolean): string {
  const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  const whole = joinedWhile(
    Array.from(graphemes.segment(text), ({ segment }) => segment),
    isShort,
  );
  return whole === '' ? joinedWhile(Array.from(text), isShort) : whole;
}

function joinedWhile(parts: readonly string[], isShort: (start: string) => boolean): string {
  let joined = '';
  for (const part of parts) {
    if (!isShort(joined + part)) break;
    joined += part;
  }
  return joined;
}

function foldCase(name: string): string {
  return name.toLowerCase().toUpperCase();
}

/** For systems that treat composed and decomposed letters as equal and ignore joiners. */
function foldAll(name: string): string {
  const visible = name.replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '');
  return foldCase(visible.normalize('NFD')).normalize('NFD');
}
