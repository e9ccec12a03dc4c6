/**
 * The self-hosted node, as a process of its own on loopback: a file through the command line, and
 * block reads by many connections. Client and node share the machine, as in a small household.
 */
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endProcess, startNodeProcess } from '../server/processes.ts';
import { randomFile, rounded, type Measure } from './engine-run.ts';
import { putBlocks, readBlocksForAWhile } from './block-reads.ts';

const FILE_MIB = 200;
const SMALL_FILES = 1000;
const SMALL_FILE_BYTES = 4096;
const BYTES_PER_MB = 1_000_000;
const CLI = fileURLToPath(new URL('../../src/cli/pyrgos.mjs', import.meta.url));
const ANNA = 'anna';
const PASSWORD = 'five ordinary words in a row';

export const NODE_FIELDS = [
  'http_upload_mib_s',
  'http_download_mib_s',
  'node_rps',
  'node_rss_mb',
  'node_delay_p99_ms',
  'node_delay_max_ms',
] as const;

/** Fields, and the gauges of the node they come from. */
const DELAYS = [
  ['node_delay_p99_ms', 'pyrgos_event_loop_delay_seconds'],
  ['node_delay_max_ms', 'pyrgos_event_loop_delay_max_seconds'],
] as const;

/** Measures all fields of {@link NODE_FIELDS} on a fresh node. */
export async function measureNode(
  measure: Measure,
  wants: (...names: string[]) => boolean,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pyrgos-bench-node-'));
  const node = await startNodeProcess(['--data', join(folder, 'data')]);
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, PASSWORD, { mode: 0o600 });
  const pyrgos = (command: string, ...operands: string[]): Promise<void> =>
    run(CLI, [
      command,
      '--node',
      node.url,
      '-u',
      ANNA,
      '--password-file',
      passwordFile,
      '-q',
      ...operands,
    ]);
  try {
    await pyrgos('signup');
    if (wants('http_upload_mib_s')) await measureTransfer(measure, pyrgos, join(folder, 'back'));
    if (wants('node_delay_p99_ms', 'node_delay_max_ms')) {
      await measureDelays(measure, node.url, pyrgos, folder);
    }
    if (!wants('node_rps', 'node_rss_mb')) return;
    const blocks = await putBlocks(node.url);
    await measure('node_rps', async () => Math.round(await readBlocksForAWhile(node.url, blocks)));
    await measure('node_rss_mb', async () =>
      rounded((await residentBytes(node.url)) / BYTES_PER_MB),
    );
  } finally {
    await endProcess(node, 'SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureTransfer(
  measure: Measure,
  pyrgos: (command: string, ...operands: string[]) => Promise<void>,
  back: string,
): Promise<void> {
  const file = randomFile(FILE_MIB);
  await measure('http_upload_mib_s', () => speed(() => pyrgos('put', file.path)));
  await measure('http_download_mib_s', () => speed(() => pyrgos('get', file.name, back)));
  if (!existsSync(back) || (await hashOf(back)) !== (await hashOf(file.path))) {
    throw new Error('other bytes came back');
  }
}

/** How long the node's one thread kept everybody else waiting while files came. */
async function measureDelays(
  measure: Measure,
  url: string,
  pyrgos: (command: string, ...operands: string[]) => Promise<void>,
  folder: string,
): Promise<void> {
  const small = join(folder, 'small files');
  mkdirSync(small);
  for (let n = 0; n < SMALL_FILES; n++) {
    writeFileSync(join(small, `${String(n)}.bin`), randomBytes(SMALL_FILE_BYTES));
  }
  await gauges(url); // what was before does not count
  await pyrgos('put', small);
  await pyrgos('put', '--keep-both', randomFile(FILE_MIB).path);
  const read = await gauges(url);
  for (const [field, gauge] of DELAYS) {
    await measure(field, () => Promise.resolve(rounded(1000 * read(gauge))));
  }
}

/** MiB a second, from the start of the command to its end. */
async function speed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return rounded(FILE_MIB / ((performance.now() - start) / 1000));
}

async function run(script: string, args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 2, 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`pyrgos ${args[0] ?? ''} ended with ${String(code)}`);
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Uint8Array);
  return hash.digest('hex');
}

/** What the node says of its own memory, after all that. */
async function residentBytes(url: string): Promise<number> {
  return (await gauges(url))('process_resident_memory_bytes');
}

/** What the node says of itself, by name. */
async function gauges(url: string): Promise<(name: string) => number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return (name) => Number(new RegExp(`^${name} (\\S+)$`, 'mu').exec(text)?.[1]);
}
