/** For tests of archives: programs that are not ours, which read them back. */
import { execFileSync } from 'node:child_process';

const OUTPUT_MAX_BYTES = 64 * 1024 * 1024;

/** Whether a program is on this machine. */
export function has(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** What a program says on its standard output. Throws if it fails. */
export function run(command: string, args: readonly string[]): string {
  return execFileSync(command, args, {
    encoding: 'utf8',
    maxBuffer: OUTPUT_MAX_BYTES,
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}
