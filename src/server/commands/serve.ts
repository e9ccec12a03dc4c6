/** `serve`, the command when none is given: runs until it is told to stop. */
import { setFlagsFromString } from 'node:v8';
import { signUpLink } from '../sign-up-link.ts';
import { startServer } from '../start-server.ts';
import { explainFailure } from './failures.ts';
import type { Command } from './command.ts';

export const serve: Command = {
  name: 'serve',
  words: '',
  what: 'run the node (the default)',
  run: async ({ settings, say }) => {
    // A node has large buffers beside few objects: by itself Node would look for what is no longer
    // used every 16 MiB of them, which takes a third of the time of an upload.
    setFlagsFromString('--heap-growing-percent=300');
    const node = await startServer(settings).catch((error: unknown) => {
      throw explainFailure(error, settings);
    });
    say(`The node is at ${node.address}   (Ctrl-C stops it)`);
    if (node.operatorToken !== undefined) {
      say('There are no accounts yet. Sign up with this link to become its operator:');
      say(`  ${signUpLink(node.address, node.operatorToken)}`);
    }
    await stopSignal();
    await node.close();
    return true;
  },
};

/** A second signal ends the process at once, as Node does by itself. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        resolve();
      });
    }
  });
}
