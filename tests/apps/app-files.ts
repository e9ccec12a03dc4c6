/** Files of test apps, as the harness takes them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** All files of an app's folder below `tests/apps/samples/`, in base64. */
export function appFolder(name: string): Record<string, string> {
  const folder = fileURLToPath(new URL(`samples/${name}`, import.meta.url));
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name: file }) => {
      const path = join(parentPath, file);
      return [path.slice(folder.length + 1), readFileSync(path).toString('base64')];
    }),
  );
}

export function texts(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => [path, Buffer.from(text).toString('base64')]),
  );
}
