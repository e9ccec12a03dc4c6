/** What the operating system refuses, in words that say what to change. */
import { kindOf, PyrgosError } from '#lib/bytes/index.ts';
import { describeSystemError, EXIT } from '#lib/system/index.ts';
import { BadSetting } from '../settings/settings.ts';
import type { NodeSettings } from '../settings/settings.ts';

/** Our own errors as they are; Node's as a sentence; anything else unchanged. */
export function explainFailure(error: unknown, settings: NodeSettings): unknown {
  if (error instanceof PyrgosError || !(error instanceof Error) || !('code' in error)) return error;
  const { host, port } = settings;
  const isListening = 'syscall' in error && error.syscall === 'listen';
  const sentences = new Map([
    [
      'EADDRINUSE',
      `Port ${String(port)} at ${host} is in use by another program. ` +
        'Stop it, or choose another port with --port.',
    ],
    ['EADDRNOTAVAIL', `${host} is no address of this machine. Use one of its own, or 0.0.0.0.`],
    ['ENOTFOUND', `${host} is not a known address. Give --host a number such as 127.0.0.1.`],
  ]);
  if (isListening) {
    sentences.set(
      'EACCES',
      `This user may not listen at port ${String(port)}. Ports below 1024 belong to the system: ` +
        'choose a higher one and put a reverse proxy in front.',
    );
  }
  const sentence = sentences.get(String(error.code)) ?? describeSystemError(error)?.message;
  return sentence === undefined ? error : new BadSetting(sentence, { cause: error });
}

/** What a script learns of a command that failed. */
export function exitCodeOf(error: Error): number {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (kindOf(at) === 'quota') return EXIT.noRoom;
    const found = describeSystemError(at);
    if (found !== undefined) return found.exitCode;
  }
  return EXIT.failed;
}
