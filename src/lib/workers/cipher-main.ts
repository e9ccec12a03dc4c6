/** A cipher worker: seals, opens and hashes chunks for the engine. Holds no state. */
import type { Wire } from '#lib/client/engine/index.ts';
import { startCrypto } from '#lib/crypto/index.ts';
import {
  doCipherJob,
  type CipherAnswer,
  type CipherJob,
  type CipherReady,
  type LentPort,
} from './cipher-jobs.ts';

/** Answers the jobs of the engine that started this worker. */
export function runCipher(wire: Wire): void {
  const ready = startCrypto();
  void ready.then(() => wire.postMessage({ isReady: true } satisfies CipherReady));
  const work = async (job: CipherJob, reply: Reply): Promise<void> => {
    await ready;
    const { answer, transfer } = await doCipherJob(job);
    reply(answer, transfer);
  };
  wire.addEventListener('message', ({ data }: MessageEvent<CipherJob | LentPort>) => {
    if ('port' in data) serve(data.port, work);
    else void work(data, (answer, transfer) => wire.postMessage(answer, transfer));
  });
}

type Reply = (answer: CipherAnswer, transfer: ArrayBuffer[]) => void;

/** Jobs of a service worker come over a port of its own. */
function serve(port: MessagePort, work: (job: CipherJob, reply: Reply) => Promise<void>): void {
  port.addEventListener('message', ({ data }: MessageEvent<CipherJob>) => {
    void work(data, (answer, transfer) => port.postMessage(answer, transfer));
  });
  port.start();
}
