/** `npm run pyrgos`: the command line, where an older Node started it or packages were missing. */
import { run } from '../src/cli/main.ts';

await run(process.argv.slice(2));
