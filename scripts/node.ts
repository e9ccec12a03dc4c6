/** `npm run node`: the self-hosted node and its operator's commands; see docs/self-hosting.md. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { main } from '../src/server/main.ts';
import { DIST } from './build.ts';

process.exitCode = await main(process.argv.slice(2), {
  environment: process.env,
  siteFolder: existsSync(join(DIST, 'index.html')) ? DIST : undefined,
  say: (line) => {
    console.log(line);
  },
  complain: (line) => {
    console.error(line);
  },
});
