/** The document's own list of contents. Everything in it is hostile: bounded, and text alone. */
import type { PDFDocumentProxy } from './library.ts';

/** Entries that are shown, at most; documents without end or with circles stop here. */
const ENTRIES = 5_000;
const DEPTH = 12;
const TITLE_UNITS = 300;

export interface OutlineEntry {
  readonly title: string;
  /** For the link service; undefined leads nowhere. */
  readonly destination: unknown;
  readonly children: readonly OutlineEntry[];
}

interface Item {
  readonly title: string;
  readonly dest: unknown;
  readonly items: readonly Item[];
}

export async function readOutline(document: PDFDocumentProxy): Promise<readonly OutlineEntry[]> {
  const items = (await document.getOutline().catch(() => null)) as readonly Item[] | null;
  return entriesOf(items ?? []);
}

/** Only for tests apart from {@link readOutline}. */
export function entriesOf(items: readonly Item[]): readonly OutlineEntry[] {
  let left = ENTRIES;
  const level = (at: readonly Item[], depth: number): OutlineEntry[] => {
    if (depth > DEPTH) return [];
    const entries: OutlineEntry[] = [];
    for (const { title, dest, items: below } of at) {
      if (left-- <= 0) break;
      const shown = title.slice(0, TITLE_UNITS);
      entries.push({ title: shown, destination: dest, children: level(below, depth + 1) });
    }
    return entries;
  };
  return level(items, 1);
}
