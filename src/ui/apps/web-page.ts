/** Whether a file is a web page by its name, and so is shown as one. */
import type { Entry } from '#lib/client/index.ts';
import { extensionOf } from '#lib/content/index.ts';

const EXTENSIONS: ReadonlySet<string> = new Set(['html', 'htm']);

export function isWebPage({ kind, name }: Pick<Entry, 'kind' | 'name'>): boolean {
  return kind === 'file' && EXTENSIONS.has(extensionOf(name) ?? '');
}
