/** What the operating system refuses, in words that say what to change. */
import { PyrgosError } from '#lib/bytes/index.ts';
import { BadSetting } from '../settings/settings.ts';
import type { NodeSettings } from '../settings/settings.ts';

/** Our own errors as they are; Node's as a sentence; anything else unchanged. */
export function explainFailure(error: unknown, settings: NodeSettings): unknown {
  if (error instanceof PyrgosError || !(error instanceof Error) || !('code' in error)) return error;
  const { host, port, dataFolder } = settings;
  const sentences = new Map([
    [
      'EADDRINUSE',
      `Port ${String(port)} at ${host} is in use by another program. ` +
        'Stop it, or choose another port with --port.',
    ],
    [
      'EACCES',
      'syscall' in error && error.syscall === 'listen'
        ? `This user may not listen at port ${String(port)}. Ports below 1024 belong to the ` +
          'system: choose a higher one and put a reverse proxy in front.'
        : `This user may not write to ${dataFolder}.`,
    ],
    ['EADDRNOTAVAIL', `${host} is no address of this machine. Use one of its own, or 0.0.0.0.`],
    ['ENOTFOUND', `${host} is not a known address. Give --host a number such as 127.0.0.1.`],
    ['EROFS', `${dataFolder} lies on a disk that can only be read.`],
    ['EPERM', `This user may not write to ${dataFolder}.`],
    ['ENOSPC', `There is no space left on the disk of ${dataFolder}.`],
    ['ENOTDIR', `${dataFolder} is not a folder, or lies below something that is none.`],
    ['EEXIST', `${dataFolder} is not a folder.`],
  ]);
  const sentence = sentences.get(String(error.code));
  return sentence === undefined ? error : new BadSetting(sentence, { cause: error });
}
