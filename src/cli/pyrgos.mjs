#!/usr/bin/env node
/**
 * Where the command line begins. Plain JavaScript that says its version at once; everything else
 * runs under the project's own Node, which `scripts/run.mjs` finds when this one is too old or the
 * packages are missing.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { enableCompileCache, getCompileCacheDir } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
const args = process.argv.slice(2);

if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  process.stdout.write(`${version}\n`);
} else if (isNewEnough() && existsSync(new URL('node_modules/@noble/hashes', root))) {
  enableCompileCache?.();
  // Threads of this process use it, too, when its place is known to them.
  const cache = getCompileCacheDir?.();
  if (cache !== undefined) process.env.NODE_COMPILE_CACHE ??= cache;
  const { run } = await import('./main.ts');
  await run(args);
} else {
  const door = fileURLToPath(new URL('scripts/run.mjs', root));
  const done = spawnSync(process.execPath, [door, 'pyrgos', ...args], { stdio: 'inherit' });
  process.exitCode = done.status ?? 1;
}

/** TypeScript runs without a build from 22.18 on. */
function isNewEnough() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18);
}
