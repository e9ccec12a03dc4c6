/** `serve`, the command when none is given: runs until it is told to stop. */
import { collectGarbageAfter } from '../garbage.ts';
import { signUpLink } from '../sign-up-link.ts';
import { startServer } from '../start-server.ts';
import type { Command } from './command.ts';

/** With 100 half of the time is saved, above 200 next to nothing more. */
const HEAP_GROWTH_PERCENT = 200;

export const serve: Command = {
  name: 'serve',
  words: '',
  what: 'run the node (the default)',
  run: async ({ settings, say }) => {
    collectGarbageAfter(HEAP_GROWTH_PERCENT);
    const node = await startServer(settings);
    say(`The node is at ${node.address}   (Ctrl-C stops it)`);
    if (node.webrtcAddresses.length > 0) {
      say('A copy of the app from anywhere finds it by this at the end of its address:');
      for (const address of node.webrtcAddresses) say(`  #node=${address}`);
      say('The command "address" shows it as a QR code.');
    }
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
