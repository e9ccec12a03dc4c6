/** The bundle of the command line does what the sources do, its threads included. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ROOT } from './build.ts';
import { bundleCli } from './bundle-cli.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pyrgos-bundle-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the bundle itself, whether or not a source was touched since. */
async function pyrgos(...args: string[]): Promise<string> {
  const main = join(ROOT, '.cache', 'cli', 'main.js');
  const script = `(await import(${JSON.stringify(main)})).run(process.argv.slice(1))`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', script, '--', ...args],
    { env: { ...process.env, PYRGOS_NODE: `dir:${join(folder, 'drive')}`, PYRGOS_USER: 'anna' } },
  );
  return stdout;
}

test('stores and fetches what is too large for one thread', async () => {
  await bundleCli();
  const [local, back, password] = ['local', 'back', 'password'].map((name) => join(folder, name));
  const content = randomBytes(12 * 1024 * 1024);
  writeFileSync(local!, content);
  writeFileSync(password!, 'five ordinary words in a row');
  const who = ['--password-file', password!, '-q'];
  await pyrgos('signup', ...who);
  await pyrgos('put', ...who, local!, 'docs.bin');
  await pyrgos('get', ...who, 'docs.bin', back!);
  expect(readFileSync(back!).equals(content)).toBe(true);
  const listed = JSON.parse(await pyrgos('ls', ...who, '--json')) as { name: string };
  expect(listed.name).toBe('docs.bin');
  expect(existsSync(join(folder, 'drive'))).toBe(true);
});
