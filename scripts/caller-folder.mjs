/**
 * The folder that relative paths of a command begin at: the one it was typed in. npm runs every
 * script in the folder of its package and keeps the caller's in `INIT_CWD`.
 */
import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The absolute path of that folder. */
export function callerFolder() {
  const here = process.cwd();
  const { INIT_CWD: typedIn, npm_package_json: manifest } = process.env;
  if (typedIn === undefined || typedIn === '' || manifest === undefined) return here;
  // A script of another package may start a command of ours, and then knows where it stands.
  const isOurScript = isSame(dirname(manifest), ROOT) && isSame(here, ROOT);
  return isOurScript ? typedIn : here;
}

/**
 * @param {string} a
 * @param {string} b
 */
function isSame(a, b) {
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    return false;
  }
}
