/** What the page tells a running app: another theme, and files that changed. */
import type { ThemeName } from '#lib/frames/index.ts';
import { decodedPath, type Addresses } from './address.ts';
import { isStyleLink } from './attributes.ts';
import type { Files } from './files.ts';
import { nativeGetAttribute, nativeSetAttribute, originals } from './natives.ts';

const SHEET_NAME = /\.css$/i;

export function showTheme(theme: ThemeName): void {
  document.documentElement.dataset['theme'] = theme;
  dispatchEvent(new CustomEvent('pyrgos-theme', { detail: { theme } }));
}

/** Takes new style sheets without a reload; false where other files changed too. */
export async function takeChanges(
  files: Files,
  addresses: Addresses,
  paths: readonly string[],
): Promise<boolean> {
  const areSheets = paths.every((path) => SHEET_NAME.test(path) && files.has(path));
  if (!areSheets || paths.length === 0) return false;
  files.forgetSheets();
  for (const path of paths) await files.refresh(path);
  for (const link of document.querySelectorAll('link')) {
    const shown = nativeGetAttribute.call(link, 'href') ?? '';
    const place = addresses.placeOf(originals.get(shown) ?? shown);
    if (!isStyleLink(link) || place === undefined) continue;
    if (!files.has(decodedPath(place.path))) continue;
    nativeSetAttribute.call(link, 'href', await files.urlOf(place));
  }
  return true;
}
