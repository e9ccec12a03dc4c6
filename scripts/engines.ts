/**
 * `npm run test:engines`: the stores of a self-hosted node on a real PostgreSQL and a real
 * S3-compatible service. Finds the programs or installs them, runs `tests/engines/`, stops whatever
 * is left, and ends with `N passed, N failed, N skipped`. What could not be had is said in words and
 * counts as skipped.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSite, DIST } from './build.ts';
import { buildWithGo, builtPrograms, findGo } from './go.ts';
import { ensureChromium } from './programs.ts';
import { runReportedTests } from './reported-tests.ts';

/** An S3-compatible gateway to a folder; the Go module proxy serves it, Go builds it. */
const S3_MODULE = 'github.com/versity/versitygw/cmd/versitygw';
const S3_VERSION = 'v1.8.0';
const BUILD_MS = 240_000;
const INSTALL_MS = 150_000;

interface Found {
  readonly path?: string;
  readonly reason?: string;
}

const postgres = findPostgres();
const s3 = findS3();
const chromium = findChromium();
const site = findSite();

const folder = mkdtempSync(join(tmpdir(), 'pyrgos-engines-'));
chmodSync(folder, 0o755); // PostgreSQL runs as another user
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
process.on('exit', cleanUp);
const isGood = await runReportedTests({
  config: join('tests', 'engines', 'vitest.config.ts'),
  folder,
  environment: {
    PYRGOS_ENGINES_FOLDER: folder,
    ...(postgres.path === undefined ? {} : { PYRGOS_POSTGRES_PROGRAMS: postgres.path }),
    ...(s3.path === undefined ? {} : { PYRGOS_S3_PROGRAM: s3.path }),
    ...(chromium.path === undefined ? {} : { CHROMIUM: chromium.path }),
    ...(site.path === undefined ? {} : { PYRGOS_SITE: site.path }),
  },
  missing: [postgres, s3, chromium, site].flatMap(({ reason }) => reason ?? []),
});
process.exitCode = isGood ? 0 : 1;

/** The folder of PostgreSQL's programs, the newest of several. */
function findPostgres(): Found {
  const find = (): string | undefined => {
    const debian = '/usr/lib/postgresql';
    const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => +b - +a) : [];
    const asked = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' }).stdout?.trim() ?? '';
    const folders = [...versions.map((version) => join(debian, version, 'bin')), asked];
    return folders.find((path) => path !== '' && existsSync(join(path, 'initdb')));
  };
  const path = find() ?? (install('postgresql') ? find() : undefined);
  if (path !== undefined) return { path };
  return { reason: 'no PostgreSQL here, and none could be installed (Debian package postgresql).' };
}

/** The program of the S3-compatible service, built once for this user. */
function findS3(): Found {
  const bin = builtPrograms(join('engines', `versitygw-${S3_VERSION}`));
  const program = join(bin, 'versitygw');
  if (existsSync(program)) return { path: program };
  const installed = spawnSync('versitygw', ['--version'], { stdio: 'ignore' });
  if (installed.status === 0) return { path: 'versitygw' };
  const go = findGo() ?? (install('golang-go') ? findGo() : undefined);
  if (go === undefined) {
    return { reason: 'no S3-compatible service here, and no Go of 1.21 or later to build one.' };
  }
  console.log(`Building ${S3_MODULE} ${S3_VERSION} …`);
  const said = buildWithGo({
    go,
    args: ['install', '-ldflags=-s -w', `${S3_MODULE}@${S3_VERSION}`],
    environment: { GOBIN: bin },
    withinMs: BUILD_MS,
    program,
  });
  if (said === undefined) return { path: program };
  return { reason: `the S3-compatible service could not be built: ${said}.` };
}

/** For what only a browser can show of an object store. */
function findChromium(): Found {
  try {
    return { path: ensureChromium() };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/** The built site; another one may be named, and is taken as it is. */
function findSite(): Found {
  const named = process.env['PYRGOS_SITE'];
  if (named !== undefined) return { path: named };
  return buildSite() ? { path: DIST } : { reason: 'the site could not be built.' };
}

/** With Debian's package manager, as root; starts no service. */
function install(name: string): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  console.log(`Installing ${name} with apt-get …`);
  // At run level 1 a package does not start what it installs.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const options = { stdio: 'ignore' as const, timeout: INSTALL_MS, env };
  spawnSync('apt-get', ['update'], options);
  const args = ['install', '-y', '--no-install-recommends', name];
  return spawnSync('apt-get', args, options).status === 0;
}

/** Ends the servers that a test left running, and removes what they kept. */
function cleanUp(): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith('disk-')) spawnSync('umount', ['-l', join(folder, name)]);
    const file = join(folder, name, 'server.pid');
    const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
    try {
      if (pid > 0) process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
