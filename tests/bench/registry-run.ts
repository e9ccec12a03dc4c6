/**
 * The registry of all names, mirrored by a process of its own on SQLite. Its source is in the same
 * process, so what serving the pages costs is counted too. A registry of a million names takes
 * minutes to sign: it is made once and kept with the temporary files.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROCESS = fileURLToPath(new URL('registry-process.ts', import.meta.url));
const MILLION = 1_000_000;

export interface RegistryTimes {
  /** The first mirror, of all names. */
  readonly seconds: number;
  /** The most memory the process had by then. */
  readonly megabytes: number;
  /** One more name, from the registry's state to this node's; median. */
  readonly changeMs: number;
}

let measured: RegistryTimes | undefined;

/** Measured once: it takes too long for the median of several runs. */
export function registryTimes(): RegistryTimes {
  const file = join(tmpdir(), `pyrgos-registry-${String(MILLION)}.sqlite`);
  if (!existsSync(file)) run('build', file, String(MILLION));
  measured ??= JSON.parse(run('mirror', file)) as RegistryTimes;
  return measured;
}

function run(...words: string[]): string {
  const { status, stdout } = spawnSync(process.execPath, [PROCESS, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`"${words.join(' ')}" of the registry failed.`);
  return stdout;
}
