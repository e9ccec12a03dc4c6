/** `cp`: copies inside the drive. */
import { NameExists } from '#lib/drive/index.ts';
import type { Drive } from '#lib/drive/index.ts';
import { type Call, type Command } from '../command.ts';
import { Misused } from '../errors.ts';
import { nameLeftOut, tellLeftOut, type LeftOut } from '../left-out.ts';
import { showPath } from '../paths.ts';
import { startProgress } from '../progress.ts';
import { byFolder, fromTo, isSameEntry, refuseItself, type FromTo } from './change.ts';
import { isSet } from '../values.ts';

export const copy: Command = {
  name: 'cp',
  summary: 'Copies, folders with -r.',
  usage: '[-r] [-f | --keep-both] FROM… TO',
  options: {
    recursive: { type: 'boolean', short: 'r' },
    force: { type: 'boolean', short: 'f' },
    'keep-both': { type: 'boolean' },
  },
  operands: [2, Infinity],
  async run(call) {
    const { drive } = await call.access.signedIn(call.signal);
    if (isSet(call, 'force') && isSet(call, 'keep-both')) {
      throw new Misused('Choose one of --force and --keep-both.');
    }
    const fromAndTo = await fromTo(call);
    const { sources } = fromAndTo;
    const folder = sources.find(({ entry }) => entry.isDirectory);
    if (folder !== undefined && !isSet(call, 'recursive')) {
      throw new Misused(`${folder.path.join('/')} is a folder: use -r to copy all it holds.`);
    }
    if (!isSet(call, 'keep-both')) {
      refuseItself(fromAndTo);
      await refuseTaken(drive, fromAndTo, isSet(call, 'force'), call.signal);
    }
    const leftOut = await copyAll(call, fromAndTo);
    // Of one file alone nothing is incomplete: it was not copied.
    tellLeftOut(call, leftOut, 'copied', sources.length === 1 && folder === undefined);
  },
};

/** Copies what can be read. Answers what cannot. */
async function copyAll(call: Call, { sources, target, newName }: FromTo): Promise<LeftOut[]> {
  const { drive, session } = await call.access.signedIn(call.signal);
  const bar = startProgress(call.io, isSet(call, 'quiet'));
  const all: LeftOut[] = [];
  try {
    for (const { folder, entries, path } of byFolder(sources)) {
      const { leftOut } = await drive.copy(folder, entries, target, {
        signal: call.signal,
        ...(newName === undefined ? {} : { newName }),
        ...(isSet(call, 'force') ? { onConflict: 'replace' } : {}),
        onProgress: ({ doneBytes, totalBytes, current }) =>
          bar.tell(doneBytes, totalBytes, current?.at(-1)),
      });
      for (const { path: below, error } of leftOut) {
        all.push({ path: showPath([...path, ...below], session.username), error });
      }
    }
  } catch (error) {
    bar.end();
    nameLeftOut(call, all, 'copied');
    throw error;
  } finally {
    bar.end();
  }
  return all;
}

/** A copy takes a free name by itself; one that was not asked for is no help to anybody. */
async function refuseTaken(
  drive: Drive,
  { sources, target, newName }: FromTo,
  isForced: boolean,
  signal: AbortSignal,
): Promise<void> {
  for (const { entry } of sources) {
    const name = newName ?? entry.name;
    const there = await drive.find(target, name, signal);
    if (there !== undefined && isSameEntry(there, entry)) {
      throw new Misused('The two paths name one and the same entry. Nothing was changed.');
    }
    const isReplaceable = isForced && !entry.isDirectory && there?.isDirectory === false;
    if (there === undefined || isReplaceable) continue;
    const ways = isForced ? 'A folder is not written over; use --keep-both.' : COPY_WAYS;
    throw new NameExists(name, ways);
  }
}

const COPY_WAYS = 'Use --force or --keep-both.';
