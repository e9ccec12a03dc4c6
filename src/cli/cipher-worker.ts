/** A thread that seals, opens and hashes chunks for the command line. Holds no state. */
import { parentPort } from 'node:worker_threads';
import { startCrypto } from '#lib/crypto/index.ts';
import { serveCipher } from '#lib/workers/index.ts';

if (parentPort !== null) {
  const ready = startCrypto({ operations: ['sha256', 'sha256Now', 'seal', 'open'] });
  // Node's port has the methods of a browser's, but for their types.
  serveCipher(parentPort as unknown as MessagePort, ready);
}
