/**
 * A copy of the built site with each file compressed beside it, which a node serves as it is. Every
 * story has a node of its own, and each would compress the whole site for the service worker.
 */
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';

/** Fast; what a browser receives is the same after it. */
const QUALITY = 5;

const compress = promisify(brotliCompress);

/** Copies `site` to `target`, in place of what was there. Returns `target`. */
export async function compressBeside(site: string, target: string): Promise<string> {
  rmSync(target, { recursive: true, force: true });
  cpSync(site, target, { recursive: true });
  const entries = readdirSync(target, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      const params = { [constants.BROTLI_PARAM_QUALITY]: QUALITY };
      writeFileSync(`${path}.br`, await compress(readFileSync(path), { params }));
    }),
  );
  return target;
}
