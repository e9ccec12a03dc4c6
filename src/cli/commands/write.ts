/** `put`: bytes into the drive. */
import { basename, resolve } from 'node:path';
import {
  bytesSource,
  mapNames,
  NameExists,
  NotADirectory,
  NotWritable,
  type ByteSource,
  type ConflictChoice,
  type Drive,
  type Handle,
  type UploadItem,
  type UploadOptions,
} from '#lib/drive/index.ts';
import { QuotaExceeded } from '#lib/protocol/index.ts';
import type { Access } from '../access.ts';
import { type Call, type Command } from '../command.ts';
import { Misused } from '../errors.ts';
import { pieces, warn } from '../io.ts';
import { BAD_ENTRY_OPTIONS, tellLeftOut, type LeftOut } from '../left-out.ts';
import { readLocalTree } from '../local-tree.ts';
import { uploadPersistently } from '../persistent-upload.ts';
import { startProgress } from '../progress.ts';
import { showBytes } from '../text.ts';
import { spaceOf } from './account.ts';
import { findEntry, openIfThere } from './change.ts';
import { isSet } from '../values.ts';

export const put: Command = {
  name: 'put',
  summary: 'Stores files and folders; - reads standard input.',
  usage: '[-f | --keep-both | --skip] [--skip-bad] [--map-names] [--wait] LOCAL… [PATH]',
  options: {
    force: { type: 'boolean', short: 'f' },
    'keep-both': { type: 'boolean' },
    skip: { type: 'boolean' },
    wait: { type: 'boolean' },
    ...BAD_ENTRY_OPTIONS,
  },
  operands: [1, Infinity],
  movesContents: true,
  async run(call) {
    const { operands } = call;
    conflictChoice(call);
    if (operands.includes('-')) return putStandardInput(call);
    const locals = operands.length === 1 ? operands : operands.slice(0, -1);
    const names = namesOf(call, locals);
    const { folder, newName, alone } = await targetOf(call, locals);
    const local = await readLocals(call, names, newName);
    await requireRoom(call, folder, local.items);
    const { drive } = await call.access.signedIn(call.signal);
    const source = local.items.length === 1 ? local.items[0]?.source : undefined;
    if (alone === undefined || source === undefined) await storeLocals(call, drive, folder, local);
    else await storeOver(call, drive, alone, source);
  },
};

/** What is to be stored, and what cannot be. */
interface Locals {
  readonly items: readonly UploadItem[];
  readonly leftOut: LeftOut[];
}

/** Lists local files and folders to upload, by the names they get in the drive. Throws `Misused`. */
async function readLocals(
  call: Call,
  names: ReadonlyMap<string, string>,
  newName: string | undefined,
): Promise<Locals> {
  const { isMapped, signal } = { isMapped: isSet(call, 'map-names'), signal: call.signal };
  const items: UploadItem[] = [];
  const leftOut: LeftOut[] = [];
  const driveNames = isMapped ? mapNames([...names.keys()], 'drive') : [...names.keys()];
  for (const [i, place] of [...names.values()].entries()) {
    const path = [newName ?? driveNames[i] ?? ''];
    const tree = await readLocalTree(place, path, { isMapped, signal });
    leftOut.push(...tree.leftOut);
    items.push(...tree.items);
    for (const { path, name } of tree.renamed) {
      warn(call, `${path} is called ${name} in the drive.`, { path });
    }
  }
  return { items, leftOut };
}

async function storeLocals(
  call: Call,
  drive: Drive,
  folder: Handle,
  { items, leftOut }: Locals,
): Promise<void> {
  await store(call, drive, folder, items, (path, error) => {
    leftOut.push({ path: path.join('/'), error });
  });
  tellLeftOut(call, leftOut, 'stored');
}

/** Stores files and folders of this disk into a folder of any drive, under their own names. */
export async function storeInto(
  call: Call,
  drive: Drive,
  folder: Handle,
  locals: readonly string[],
): Promise<void> {
  conflictChoice(call);
  const local = await readLocals(call, namesOf(call, locals), undefined);
  await storeLocals(call, drive, folder, local);
}

/** Less is stored in the time it takes to ask. */
const WORTH_ASKING_BYTES = 1024 * 1024;

/** Refuses an upload that is over quota before it starts. Throws {@link QuotaExceeded}. */
async function requireRoom(
  call: Call,
  folder: Handle,
  items: readonly UploadItem[],
): Promise<void> {
  const bytes = items.reduce((sum, { source }) => sum + (source?.sizeBytes ?? 0), 0);
  const choice = conflictChoice(call);
  // What is replaced or skipped may take no room at all.
  if (bytes < WORTH_ASKING_BYTES || choice === 'replace' || choice === 'skip') return;
  const signedIn = await call.access.signedIn(call.signal);
  // What lies with somebody else counts there, and only they can ask how much room is left.
  if (!folder.capability.owner.equals(signedIn.session.home.owner)) return;
  const { usedBytes, quotaBytes } = await spaceOf(signedIn);
  if (quotaBytes === undefined || usedBytes + bytes <= quotaBytes) return;
  // A part of it may be there already.
  const open = await signedIn.drive.uploads().list(call.signal);
  const openBytes = open.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const leftBytes = Math.max(0, quotaBytes - usedBytes);
  if (bytes <= leftBytes + openBytes) return;
  const message = `These are ${showBytes(bytes)}, and there is room for ${showBytes(leftBytes)}.`;
  throw new QuotaExceeded(usedBytes, quotaBytes, message);
}

/** Local places by the names they are to have. Throws `Misused`. */
function namesOf({ io }: Call, locals: readonly string[]): Map<string, string> {
  const places = new Map<string, string>();
  for (const local of locals) {
    if (local === '') throw new Misused('A path is empty.');
    const place = resolve(io.folder, local);
    const name = basename(place);
    if (name === '') throw new Misused(`${local} has no name that it could be stored under.`);
    const other = places.get(name);
    if (other !== undefined) {
      throw new Misused(`Two of these would be called ${name}: ${other} and ${place}.`);
    }
    places.set(name, place);
  }
  return places;
}

interface Target {
  readonly folder: Handle;
  /** Set when the one local file is to have another name. */
  readonly newName: string | undefined;
  /** The file of that name, where it may be changed and its folder may not. */
  readonly alone?: Handle | undefined;
}

/** Into the last operand if it is a folder; else the one local file is stored under that name. */
async function targetOf(call: Call, locals: readonly string[]): Promise<Target> {
  const { access, operands, signal } = call;
  const text = operands.length === 1 ? undefined : operands.at(-1);
  const [path = []] = await access.paths([text ?? '.'], signal);
  const there = await openIfThere(access, path, signal);
  if (there?.isDirectory === true) return { folder: there, newName: undefined };
  if (locals.length > 1 || text?.endsWith('/') === true) {
    throw there === undefined ? await access.notFound(path) : new NotADirectory(there.name);
  }
  const folder = await access.open(path.slice(0, -1), signal);
  if (!folder.isDirectory) throw new NotADirectory(folder.name);
  const isAlone = there?.signer !== undefined && folder.signer === undefined;
  return { folder, newName: path.at(-1), alone: isAlone ? there : undefined };
}

/** Into a file whose folder may not be changed: all that can be done with it is to replace its content. */
async function storeOver(
  call: Call,
  drive: Drive,
  file: Handle,
  source: ByteSource,
): Promise<void> {
  const choice = conflictChoice(call);
  if (choice === 'skip') return;
  if (choice === undefined) throw new NameExists(file.name, WAYS);
  if (choice !== 'replace') throw new NotWritable(file.parent?.name ?? file.name);
  const bar = startProgress(call.io, isSet(call, 'quiet'));
  try {
    const onProgress = (done: number): void => bar.tell(done, source.sizeBytes, file.name);
    await drive.replaceContent(file, source, { signal: call.signal, onProgress });
  } finally {
    bar.end();
  }
}

const WAYS = 'Use --force, --keep-both or --skip.';
const WAITING = 'The server cannot be reached. Waiting for it; Ctrl-C ends this.';

async function store(
  call: Call,
  drive: Drive,
  folder: Handle,
  items: readonly UploadItem[],
  onUnreadable?: UploadOptions['onUnreadable'],
): Promise<void> {
  const onConflict = conflictChoice(call);
  const bar = startProgress(call.io, isSet(call, 'quiet'));
  try {
    const options = {
      signal: call.signal,
      ...(onConflict === undefined ? {} : { onConflict }),
      ...(onUnreadable === undefined ? {} : { onUnreadable }),
      onProgress: ({ doneBytes, totalBytes, current }) =>
        bar.tell(doneBytes, totalBytes, current?.at(-1)),
    } satisfies UploadOptions;
    if (!isSet(call, 'wait')) await drive.upload(folder, items, options);
    else {
      const { node } = await call.access.node();
      await uploadPersistently(drive, folder, items, options, {
        ask: () => node.blocks.properties(),
        onWaiting: (isWaiting) => {
          bar.end();
          warn(call, isWaiting ? WAITING : 'The server is back; the upload goes on.');
        },
      });
    }
  } catch (error) {
    if (!(error instanceof NameExists)) throw error;
    throw new NameExists(error.entryName, WAYS, { cause: error });
  } finally {
    bar.end();
  }
}

function conflictChoice(call: Call): ConflictChoice | undefined {
  const choices: ConflictChoice[] = [];
  if (isSet(call, 'force')) choices.push('replace');
  if (isSet(call, 'keep-both')) choices.push('keep-both');
  if (isSet(call, 'skip')) choices.push('skip');
  if (choices.length > 1) throw new Misused('Choose one of --force, --keep-both and --skip.');
  return choices[0];
}

/** The size is not known before the end: the first piece makes the file, the others follow it. */
async function putStandardInput(call: Call): Promise<void> {
  const [source, target] = call.operands;
  if (source !== '-' || call.operands.length !== 2 || target === undefined || target === '-') {
    throw new Misused('put - PATH stores standard input under that path; a file - is ./-.');
  }
  if (isSet(call, 'wait')) {
    throw new Misused('What comes from standard input cannot be sent again: leave out --wait.');
  }
  if (call.isShell === true) {
    throw new Misused('Standard input is what the shell reads its commands from.');
  }
  // The later pieces follow the file under this very path: it has to be the one the first made.
  if (![undefined, 'replace'].includes(conflictChoice(call))) {
    throw new Misused('Standard input is stored under a free name, or over a file with --force.');
  }
  const { access } = call;
  const { drive } = await access.signedIn(call.signal);
  const [path = []] = await access.paths([target], call.signal);
  const { folder, newName, alone } = await targetOf(call, ['-']);
  if (newName === undefined && !(await isFile(access, path, call.signal))) {
    throw new Misused(`${target} is a folder: say what the file is to be called.`);
  }
  const name = path.at(-1) ?? '';
  let file: Handle | undefined;
  try {
    for await (const piece of pieces(call.io.stdin)) {
      if (file === undefined) {
        const source = bytesSource(piece);
        if (alone !== undefined) await storeOver(call, drive, alone, source);
        else await store(call, drive, folder, [{ path: [name], source }]);
        file = await access.open(path, call.signal);
      } else {
        file = await drive.append(file, bytesSource(piece), { signal: call.signal });
      }
    }
  } catch (error) {
    // Should it stay, what went wrong first is still what has to be told.
    if (file !== undefined) await removeBroken(access, path).catch(() => undefined);
    throw error;
  }
}

async function isFile(
  access: Access,
  path: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  return (await openIfThere(access, path, signal))?.isDirectory === false;
}

/** A file that lacks its end must not look whole. */
async function removeBroken(access: Access, path: readonly string[]): Promise<void> {
  const { signal } = new AbortController();
  const { drive } = await access.signedIn(signal);
  const found = await findEntry(access, path, signal);
  await drive.remove(found.folder, [found.entry], { signal });
}
