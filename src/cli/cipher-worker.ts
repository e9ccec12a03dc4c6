/** A thread that seals, opens and hashes chunks for the command line. Holds no state. */
import { parentPort } from 'node:worker_threads';
import { startCrypto } from '#lib/crypto/index.ts';
import { doCipherJob, type CipherJob, type CipherReady } from '#lib/workers/index.ts';

await startCrypto({ operations: ['sha256', 'sha256Now', 'seal', 'open'] });
parentPort?.on('message', (job: CipherJob) => {
  void doCipherJob(job).then(({ answer, transfer }) => {
    parentPort?.postMessage(answer, transfer);
  });
});
parentPort?.postMessage({ isReady: true } satisfies CipherReady);
