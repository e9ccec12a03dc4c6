/** Bytes between an app's frame and what answers it, over the ports that it is given. */
import type {} from '../apps/pages/host.ts';
import { texts } from '../apps/app-files.ts';
import { serveAppPages } from '../apps/server.ts';
import { Profile } from '../browser/profile.ts';
import { rounded } from './engine-run.ts';

const MIB = 2 ** 20;
/** What one request of an app may carry is a little more. */
const FILE_MIB = 60;
const ROUNDS = 5;
const RESULT = 'result.txt';
const TIMEOUT_MS = 60_000;

/** An app that writes a file and reads it again, and notes the slower of both as MiB a second. */
const APP = `<script type="module">
const address = '/peergos-api/v0/data/';
const body = new Uint8Array(${String(FILE_MIB * MIB)}).fill(7);
const speeds = [];
for (let round = 0; round < ${String(ROUNDS)}; round++) {
  const start = performance.now();
  await fetch(address + 'large', { method: 'PUT', body });
  const written = performance.now();
  const { byteLength } = await (await fetch(address + 'large')).arrayBuffer();
  const read = performance.now();
  if (byteLength !== body.length) throw new Error('Not all came back.');
  speeds.push([written - start, read - written]);
  await fetch(address + 'large', { method: 'DELETE' });
}
await fetch(address + '${RESULT}', { method: 'PUT', body: JSON.stringify(speeds) });
</script>`;

/** Median of some rounds, of the slower direction. */
export async function portMibPerSecond(): Promise<number> {
  const server = await serveAppPages();
  const profile = new Profile();
  try {
    const page = await profile.page();
    await page.goto(server.origin);
    await page.evaluate(() => harness.start({}));
    await page.evaluate((assets) => harness.open({ assets }), texts({ 'index.html': APP }));
    const end = Date.now() + TIMEOUT_MS;
    for (;;) {
      await page.waitForTimeout(1_000);
      const result = await page.evaluate((name) => harness.seen().data[name], RESULT);
      if (result !== undefined) return speedOf(JSON.parse(result) as [number, number][]);
      if (Date.now() > end) throw new Error('The app did not say how long it took.');
    }
  } finally {
    await profile.destroy();
    await server.close();
  }
}

function speedOf(rounds: readonly (readonly [number, number])[]): number {
  const [written, read] = [0, 1].map((direction) => {
    const times = rounds.map((round) => round[direction] ?? NaN).sort((a, b) => a - b);
    return FILE_MIB / ((times[times.length >> 1] ?? NaN) / 1000);
  }) as [number, number];
  console.error(`  port: ${String(rounded(written))} to the engine, ${String(rounded(read))} back`);
  return rounded(Math.min(written, read));
}
