/**
 * Files out of the drive onto this disk. Each is written beside its place and moved there when it is
 * whole, so that a transfer that breaks off never looks like the file.
 */
import { mkdir, open, rename, rm, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PyrgosError } from '#lib/bytes/index.ts';
import type { Drive } from '#lib/drive/index.ts';
import { describeFailure, EXIT } from './errors.ts';
import type { BrokenEntry, FetchPlan, FileToFetch } from './fetch-plan.ts';

/** Does what was planned. Answers what is damaged; anything else ends the work. */
export async function fetchAll(
  drive: Drive,
  { folders, files, totalBytes }: FetchPlan,
  tell: (doneBytes: number, totalBytes: number, name: string) => void,
  signal: AbortSignal,
): Promise<readonly BrokenEntry[]> {
  for (const folder of folders) await mkdir(folder, { recursive: true });
  const broken: BrokenEntry[] = [];
  let doneBytes = 0;
  for (const file of files) {
    const onBytes = (count: number): void =>
      tell((doneBytes += count), totalBytes, basename(file.place));
    try {
      await fetchFile(drive, file, onBytes, signal);
    } catch (error) {
      const isDamaged = describeFailure(error).exitCode === EXIT.damaged;
      if (!isDamaged || !(error instanceof PyrgosError)) throw error;
      broken.push({ path: file.path, error });
    }
  }
  return broken;
}

let partsMade = 0;

async function fetchFile(
  drive: Drive,
  { handle, place }: FileToFetch,
  onBytes: (count: number) => void,
  signal: AbortSignal,
): Promise<void> {
  // A name of its own length: one made of the file's name may be too long.
  const part = join(dirname(place), `.pyrgos-${process.pid}-${++partsMade}.part`);
  const file = await open(part, 'wx', 0o600);
  try {
    for await (const piece of drive.read(handle, 0, undefined, signal)) {
      await file.writev([piece]);
      onBytes(piece.length);
    }
    await file.close();
    const { seconds, nanos } = handle.properties.modified;
    const time = Number(seconds) + nanos / 1e9;
    // Times that no disk can keep are not worth the file.
    if (Number.isFinite(time)) await utimes(part, time, time).catch(() => undefined);
    await rename(part, place);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(part, { force: true });
    throw error;
  }
}
