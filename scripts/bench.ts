/**
 * `npm run bench`: what the app takes in headless Chromium on this machine, on the embedded node.
 * `--json` prints one JSON object as the last line and nothing after it; `--quick` measures once
 * instead of taking the median of three runs; `--only a,b` measures some fields.
 */
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { measureAll } from '../tests/bench/run.ts';
import { json, table, type Results } from '../tests/bench/fields.ts';
import { buildSite } from './build.ts';
import { bundleCli } from './bundle-cli.ts';
import { ensureChromium, ensureFfmpeg } from './programs.ts';

const RUNS = 3;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});

process.env['PATH'] = `${dirname(ensureFfmpeg())}:${process.env['PATH'] ?? ''}`;
process.env['CHROMIUM'] = ensureChromium();
if (!buildSite()) {
  console.error('The site could not be built; the lines above say why.');
  process.exit(1);
}
await bundleCli();

const only = values.only?.split(',');
const runs: Results[] = [];
for (let run = 0; run < (values.quick ? 1 : RUNS); run++) {
  runs.push(await measureAll({ ...(only === undefined ? {} : { only }) }));
}
const results = medianOf(runs);
console.log(values.json ? json(results) : table(results, only));
// Browsers and servers are closed; what a library keeps open must not keep us here.
process.exit(0);

function medianOf(all: readonly Results[]): Results {
  const names = new Set(all.flatMap((results) => [...results.keys()]));
  return new Map(
    [...names].map((name) => {
      const sorted = all.flatMap((it) => it.get(name) ?? []).sort((a, b) => a - b);
      return [name, sorted[sorted.length >> 1] ?? NaN];
    }),
  );
}
