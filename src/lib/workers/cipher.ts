/** A cipher worker: seals, opens and hashes chunks for the engine. Holds no state. */
import { startCrypto } from '#lib/crypto/index.ts';
import { doCipherJob, type CipherAnswer, type CipherJob, type LentPort } from './cipher-jobs.ts';

const ready = startCrypto();

addEventListener('message', ({ data }: MessageEvent<CipherJob | LentPort>) => {
  if ('port' in data) serve(data.port);
  else work(data, (answer, transfer) => postMessage(answer, { transfer }));
});

/** Jobs of a service worker come over a port of its own. */
function serve(port: MessagePort): void {
  port.addEventListener('message', ({ data }: MessageEvent<CipherJob>) => {
    work(data, (answer, transfer) => port.postMessage(answer, transfer));
  });
  port.start();
}

function work(
  job: CipherJob,
  reply: (answer: CipherAnswer, transfer: ArrayBuffer[]) => void,
): void {
  void ready
    .then(() => doCipherJob(job))
    .then(({ answer, transfer }) => {
      reply(answer, transfer);
    });
}
