/**
 * Style sheets of a book. They are used in the chapter's shadow root alone; what they refer to is
 * given an address of ours, and everything else leads nowhere in a frame without a network.
 */
import type { DocumentArchive } from '../archive/document-archive.ts';
import type { Media } from '../archive/media.ts';
import { resolvePart } from '../archive/paths.ts';

const IMPORTS_MAX = 4;
const IMPORT = /@import\s+(?:url\(\s*)?["']?([^"')\s;]+)["']?\s*\)?[^;]*;/giu;
const URL_PART = /url\(\s*(?:"([^"]*)"|'([^']*)'|([^)"'\s]*))\s*\)/giu;

/** The text of a style sheet with the imported ones before it, and addresses in place of references. */
export async function styleText(
  archive: DocumentArchive,
  media: Media,
  text: string,
  path: string,
  depth = 0,
): Promise<string> {
  const imported: string[] = [];
  for (const [, reference = ''] of text.matchAll(IMPORT)) {
    const target = resolvePart(path, reference);
    if (target === undefined || depth >= IMPORTS_MAX || !archive.has(target.path)) continue;
    const inner = await archive.text(target.path);
    imported.push(await styleText(archive, media, inner, target.path, depth + 1));
  }
  const own = text.replaceAll(IMPORT, '');
  const addresses = new Map<string, string>();
  for (const [, double, single, bare] of own.matchAll(URL_PART)) {
    const reference = double ?? single ?? bare ?? '';
    const target = resolvePart(path, reference);
    if (target === undefined || addresses.has(reference)) continue;
    const address = await media.address(target.path);
    if (address !== undefined) addresses.set(reference, address);
  }
  const placed = own.replaceAll(
    URL_PART,
    (_whole, double?: string, single?: string, bare?: string) =>
      `url("${addresses.get(double ?? single ?? bare ?? '') ?? 'data:,'}")`,
  );
  return [...imported, placed].join('\n');
}

/** A style sheet; its fonts, which a shadow root cannot have, are given to the document. */
export function styleSheet(text: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  for (const rule of sheet.cssRules) {
    if (rule instanceof CSSFontFaceRule) addFont(rule.style);
  }
  return sheet;
}

const fonts = new Set<string>();

function addFont(style: CSSStyleDeclaration): void {
  const [family, source] = [style.getPropertyValue('font-family'), style.getPropertyValue('src')];
  const [weight, slant] = [style.getPropertyValue('font-weight'), style.fontStyle];
  const key = [family, source, weight, slant].join('\n');
  if (fonts.has(key) || !source.includes('blob:')) return;
  fonts.add(key);
  try {
    const name = family.replaceAll(/^["']|["']$/gu, '');
    const font = new FontFace(name, source, {
      ...(weight === '' ? {} : { weight }),
      ...(slant === '' ? {} : { style: slant }),
    });
    document.fonts.add(font);
  } catch {
    // A font that no browser can read: the text has another one.
  }
}
