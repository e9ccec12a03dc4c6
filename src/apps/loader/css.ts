/** Addresses inside style sheets, found by the tokens of CSS that can hold one. */

interface SheetAddress {
  /** Of the whole token in the text. */
  readonly start: number;
  readonly end: number;
  readonly address: string;
  readonly isImport: boolean;
  /** A text without `url(…)`, as `@import "a.css"` has. */
  readonly isPlain: boolean;
}

const TOKEN =
  /\/\*[^]*?(?:\*\/|$)|(@import\s+)|url\(\s*(?:"((?:[^"\\\n]|\\[^])*)"|'((?:[^'\\\n]|\\[^])*)'|((?:[^\s"'()\\]|\\[^])*))\s*\)|"((?:[^"\\\n]|\\[^])*)"|'((?:[^'\\\n]|\\[^])*)'/gi;
/** Answered by the browser itself. */
const OF_ITSELF = /^(?:data:|blob:|#|$)/i;

export function mayHoldAddresses(text: string): boolean {
  return /url\(|@import/i.test(text);
}

function addressesIn(text: string): SheetAddress[] {
  const found: SheetAddress[] = [];
  let importsFrom = -1;
  for (const match of text.matchAll(TOKEN)) {
    const [token, rule, a, b, c, d, e] = match;
    const start = match.index;
    const end = start + token.length;
    if (rule !== undefined) {
      importsFrom = end;
      continue;
    }
    const isImport = start === importsFrom;
    const inUrl = a ?? b ?? c;
    const address = inUrl ?? (isImport ? (d ?? e) : undefined);
    if (address === undefined || OF_ITSELF.test(address)) continue;
    found.push({ start, end, address: unescaped(address), isImport, isPlain: inUrl === undefined });
  }
  return found;
}

function unescaped(text: string): string {
  return text.replaceAll(
    /\\(?:([0-9a-f]{1,6})\s?|([^]))/gi,
    (_all, hex?: string, other?: string) =>
      hex === undefined
        ? (other ?? '')
        : String.fromCodePoint(Math.min(parseInt(hex, 16), 0x10ffff)),
  );
}

/** The text with other addresses; undefined leaves one as it is. */
function replaced(
  text: string,
  found: readonly SheetAddress[],
  urls: readonly (string | undefined)[],
): string {
  let result = '';
  let last = 0;
  for (const [i, { start, end, isPlain }] of found.entries()) {
    const url = urls[i];
    if (url === undefined) continue;
    result += text.slice(last, start) + (isPlain ? `"${url}"` : `url("${url}")`);
    last = end;
  }
  return result + text.slice(last);
}

export type Resolve<T> = (address: string, isImport: boolean) => T;

export async function rewriteSheet(
  text: string,
  resolve: Resolve<Promise<string | undefined>>,
): Promise<string> {
  const found = addressesIn(text);
  const urls = await Promise.all(found.map(({ address, isImport }) => resolve(address, isImport)));
  return replaced(text, found, urls);
}

export function rewriteSheetNow(text: string, resolve: Resolve<string | undefined>): string {
  const found = addressesIn(text);
  return replaced(
    text,
    found,
    found.map(({ address, isImport }) => resolve(address, isImport)),
  );
}
