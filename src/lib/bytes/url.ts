/**
 * A text as a URL, as the URL standard reads it; undefined where it is none.
 *
 * `URL.parse` is younger than the oldest browsers the site names, and `URL.canParse` of Node 22
 * refuses every host with letters of Latin-1 beyond ASCII once a program has called it often.
 */
export function parseUrl(text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
