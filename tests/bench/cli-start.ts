/** From the start of the command line's process to its end, when all it has to say is its version. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { rounded } from './engine-run.ts';

const CLI = fileURLToPath(new URL('../../src/cli/pyrgos.mjs', import.meta.url));
const RUNS = 11;

/** The median: a start is short, and whatever else the machine does makes single ones long. */
export function cliStartMs(): number {
  const runs = Array.from({ length: RUNS }, oneStartMs).sort((a, b) => a - b);
  return rounded(runs[RUNS >> 1] ?? NaN);
}

function oneStartMs(): number {
  const start = performance.now();
  const { status, stdout } = spawnSync(process.execPath, [CLI, '--version'], { encoding: 'utf8' });
  const ms = performance.now() - start;
  if (status !== 0 || !/^\d+\.\d+\.\d+$/mu.test(stdout)) throw new Error('it said no version');
  return ms;
}
