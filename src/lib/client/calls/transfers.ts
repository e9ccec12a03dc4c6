import type { EngineCaller } from './engine-caller.ts';
import type { Client } from '../types.ts';
import { lookUpFiles } from '../look-up-files.ts';

/** Uploads and other transfers. */
export function transferCalls(engine: EngineCaller) {
  /** Commands to the queue; what comes of them is seen in the next transfers event. */
  const command = (method: 'pause' | 'resumeTransfer' | 'cancel' | 'retry', id: string): void => {
    engine()
      .call(method, [id])
      .catch(() => undefined);
  };
  return {
    async upload(folder, items, onConflict) {
      await lookUpFiles(items);
      return engine().call('upload', [folder, items, onConflict]);
    },
    pause: (id) => command('pause', id),
    resumeTransfer: (id) => command('resumeTransfer', id),
    resumeWithFile: (id, file) => engine().call('resumeWithFile', [id, file]),
    cancel: (id) => command('cancel', id),
    retry: (id) => command('retry', id),
    clearFinished() {
      engine()
        .call('clearFinished', [])
        .catch(() => undefined);
    },
    watchFiles: (id, onChange, signal) =>
      engine().call('watchFiles', [id], { signal, onProgress: onChange }),
  } satisfies Partial<Client>;
}
