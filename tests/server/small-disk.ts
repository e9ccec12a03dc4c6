/** A disk that is soon full: a file system of its own in memory. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  readonly folder: string;
  /** Takes what room is left to the last byte, as another program on the disk would. */
  fill(): void;
  remove(): void;
}

/** `undefined` where this user may not mount one. */
export function mountSmallDisk(megabytes: number): SmallDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'pyrgos-disk-'));
  const args = ['-t', 'tmpfs', '-o', `size=${String(megabytes)}m`, 'tmpfs', folder];
  if (spawnSync('mount', args, { stdio: 'ignore' }).status !== 0) {
    rmdirSync(folder);
    return undefined;
  }
  return {
    folder,
    fill: () => {
      fillFile(join(folder, 'of-another-program'));
    },
    remove: () => {
      spawnSync('umount', ['-l', folder], { stdio: 'ignore' });
      rmdirSync(folder);
    },
  };
}

function fillFile(path: string): void {
  const file = openSync(path, 'a');
  try {
    for (let piece = 65_536; piece > 0;) {
      try {
        writeSync(file, new Uint8Array(piece).fill(1));
      } catch {
        piece >>= 1;
      }
    }
  } finally {
    closeSync(file);
  }
}
