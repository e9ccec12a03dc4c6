/** A cipher worker: seals, opens and hashes chunks for the engine. Holds no state. */
import { startCrypto } from '#lib/crypto/index.ts';
import { doCipherJob, type CipherJob } from './cipher-jobs.ts';

const ready = startCrypto();

addEventListener('message', (event: MessageEvent<CipherJob>) => {
  void ready
    .then(() => doCipherJob(event.data))
    .then(({ answer, transfer }) => {
      postMessage(answer, { transfer });
    });
});
