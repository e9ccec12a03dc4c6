#!/usr/bin/env node
/**
 * Where the command line begins. Plain JavaScript that says its version at once; everything else
 * runs under the project's own Node, which `scripts/run.mjs` finds when this one is too old or the
 * packages are missing: from the bundle that `npm run build` made, if it is what the sources say.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';
import { callerFolder } from '../../scripts/caller-folder.mjs';

const root = new URL('../../', import.meta.url);
const bundle = new URL('.cache/cli/', root);
const args = process.argv.slice(2);

if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  process.stdout.write(`${version}\n`);
} else if (isNewEnough() && existsSync(new URL('node_modules/@noble/hashes', root))) {
  process.chdir(callerFolder());
  keepCompiledCode();
  const main = isBundleFresh() ? new URL('main.js', bundle) : new URL('./main.ts', import.meta.url);
  const { run } = await import(main.href);
  await run(args);
} else {
  const { spawnSync } = await import('node:child_process');
  const runner = fileURLToPath(new URL('scripts/run.mjs', root));
  const done = spawnSync(process.execPath, [runner, 'pyrgos', ...args], { stdio: 'inherit' });
  process.exitCode = done.status ?? 1;
}

/** TypeScript runs without a build from 22.18 on. */
function isNewEnough() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18);
}

/** Beside the program, where only who may change it may write; threads are told by the variable. */
function keepCompiledCode() {
  const folder = fileURLToPath(new URL('.cache/compiled', root));
  nodeModule.enableCompileCache?.(folder);
  process.env.NODE_COMPILE_CACHE ??= folder;
}

/** Whether every file that went into the bundle is as it was (`scripts/bundle-cli.ts`). */
function isBundleFresh() {
  try {
    /** @type {[path: string, sizeBytes: number, modifiedMs: number][]} */
    const inputs = JSON.parse(readFileSync(new URL('inputs.json', bundle), 'utf8'));
    const folder = fileURLToPath(root);
    return inputs.every(([path, sizeBytes, modifiedMs]) => {
      const { size, mtimeMs } = statSync(folder + path);
      return size === sizeBytes && mtimeMs === modifiedMs;
    });
  } catch {
    return false;
  }
}
