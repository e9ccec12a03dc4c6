/** Go, and the programs of others that are built with it once for this user. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where its own installer puts it, on no search path. */
const USUAL_PLACE = '/usr/local/go/bin/go';

/** Go 1.21 is the first that fetches the version a module asks for. */
const OLDEST_MINOR = 21;

/** A Go that is new enough: its name, or its path. */
export function findGo(): string | undefined {
  return ['go', USUAL_PLACE].find((go) => {
    const { stdout, status } = spawnSync(go, ['env', 'GOVERSION'], { encoding: 'utf8' });
    const [, minor] = /^go1\.(\d+)/.exec(status === 0 ? stdout : '') ?? [];
    return Number(minor ?? 0) >= OLDEST_MINOR;
  });
}

/** A folder of this user's cache for what is built; its name has the version in it. */
export function builtPrograms(name: string): string {
  const caches = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(caches, 'pyrgos', name);
}

export interface GoBuild {
  readonly go: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly withinMs: number;
  /** The program that is there afterwards. */
  readonly program: string;
}

/** Builds; undefined when the program is there, else what Go said last. */
export function buildWithGo({
  go,
  args,
  cwd,
  environment,
  withinMs,
  program,
}: GoBuild): string | undefined {
  const built = spawnSync(go, args, {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    timeout: withinMs,
    env: { ...process.env, ...environment },
  });
  if (built.status === 0 && existsSync(program)) return undefined;
  return built.error === undefined
    ? (built.stderr.trim().split('\n').at(-1) ?? '')
    : 'no time left';
}
