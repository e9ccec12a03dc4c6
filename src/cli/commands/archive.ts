/** `export`, `import`: an account as files, in the form other tools of the protocol read. */
import { constants, openAsBlob } from 'node:fs';
import { access, lstat, mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  damagedInArchive,
  exportOwnAccount,
  knownStateOf,
  restoreAccount,
  type AccountDeps,
} from '#lib/account/index.ts';
import { blobPieces, importAccount, openArchive } from '#lib/archive/index.ts';
import type { AccountExport, ArchiveFiles } from '#lib/archive/index.ts';
import { utf8 } from '#lib/bytes/index.ts';
import { systemRandom } from '#lib/crypto/index.ts';
import type { LocalNodeDeps } from '#lib/node-local/index.ts';
import { codeOf, syncFolder, WholeFile } from '#lib/system/index.ts';
import { type Call, type Command } from '../command.ts';
import { describeFailure, EXIT, LocalExists, Misused } from '../errors.ts';
import { write } from '../io.ts';
import { nameDamaged, namingDamage } from '../left-out.ts';
import { makeDrive } from '../node.ts';
import { startProgress, type ProgressBar } from '../progress.ts';
import { jsonLine } from '../text.ts';
import { tellMove, tokenOf } from './move-account.ts';
import { isSet, textOf } from '../values.ts';

const BLOCKS_FILE = 'blocks.car';
const DESCRIPTION_FILE = 'node.json';

export const exportCommand: Command = {
  name: 'export',
  summary: 'Writes the account into a folder: blocks.car and node.json.',
  usage: '[-f] FOLDER',
  options: { force: { type: 'boolean', short: 'f' } },
  operands: [1, 1],
  async run(call) {
    const { access, io, signal } = call;
    const folder = folderOf(call);
    const places = [join(folder, BLOCKS_FILE), join(folder, DESCRIPTION_FILE)] as const;
    if (!isSet(call, 'force')) for (const place of places) await refuseTaken(place);
    const credentials = await access.credentials();
    const { username } = credentials;
    const deps = await access.accountDeps();
    const bar = startProgress(io, isSet(call, 'quiet'));
    try {
      const exported = await exportOwnAccount(deps, credentials, {
        signal,
        onProgress: ({ doneBytes, totalBytes }) => bar.tell(doneBytes, totalBytes),
      });
      await access.remember(username, exported.known);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFiles(call, exported, { username, deps, places, bar });
      await syncFolder(folder);
    } finally {
      bar.end();
    }
    if (isSet(call, 'json')) return write(io, jsonLine({ username, folder }));
    if (!isSet(call, 'quiet')) await write(io, `${username} is in ${folder}.\n`);
  },
};

function folderOf({ io, operands }: Call): string {
  const [text = ''] = operands;
  if (text === '') throw new Misused('A path is empty.');
  return resolve(io.folder, text);
}

/** Also a link that leads nowhere is something. */
async function refuseTaken(place: string): Promise<void> {
  const found = await lstat(place).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
  });
  if (found !== undefined) throw LocalExists.at(place);
}

interface Export {
  readonly username: string;
  readonly deps: AccountDeps;
  readonly places: readonly [string, string];
  readonly bar: ProgressBar;
}

/** Writes both files and reads them back; they are in place then, and nothing is after a failure. */
async function writeFiles(
  call: Call,
  exported: AccountExport,
  { username, deps, places, bar }: Export,
): Promise<void> {
  const { signal } = call;
  const files = await makeParts(places);
  try {
    await namingDamage(call, username, 'exported', () =>
      writePart(files[0], exported.blocks).catch((error: unknown) => {
        bar.end();
        throw error;
      }),
    );
    await writePart(files[1], [utf8(exported.description())]);
    await verify(deps, files, { username, signal, bar });
    // Both or, but for an instant, none: they are of one moment.
    const isForced = isSet(call, 'force');
    for (const file of files) await file.moveIntoPlace({ isForced });
  } catch (error) {
    for (const file of files) await file.discard();
    throw error;
  }
}

type Parts = readonly [blocks: WholeFile, description: WholeFile];

/** Beside their places: a broken-off export must not look like one. */
async function makeParts([blocks, description]: readonly [string, string]): Promise<Parts> {
  const make = async (place: string): Promise<WholeFile> => {
    const part = `${place}.part`;
    // What is there is left of an export that was killed.
    await rm(part, { force: true });
    return WholeFile.create(place, { part });
  };
  const first = await make(blocks);
  try {
    return [first, await make(description)];
  } catch (error) {
    await first.discard();
    throw error;
  }
}

async function writePart(
  file: WholeFile,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  for await (const piece of pieces) await file.write(piece);
  await file.close();
}

interface Verification {
  readonly username: string;
  readonly signal: AbortSignal;
  readonly bar: ProgressBar;
}

/** Reads the files as an import would, down to the last block and signature. */
async function verify(
  { clock, random }: AccountDeps,
  [blocks, description]: Parts,
  { username, signal, bar }: Verification,
): Promise<void> {
  const files = {
    description: await readFile(description.part, 'utf8'),
    blocks: await openAsBlob(blocks.part),
  };
  const { size } = files.blocks;
  const onProgress = (doneBytes: number): void => bar.tell(doneBytes, size, 'reading back');
  await openArchive(files, { username, clock, random, signal, onProgress });
}

export const importCommand: Command = {
  name: 'import',
  summary: 'Puts an exported account into a node, on this disk or elsewhere.',
  usage: '[--account NAME] [--token TOKEN] FOLDER',
  options: { account: { type: 'string' }, token: { type: 'string' } },
  operands: [1, 1],
  async run(call) {
    const { access, io } = call;
    const files = await openFiles(folderOf(call));
    await makeDrive(call);
    const { local } = await access.node();
    const { username, isNew } = await namingWhatIsHit(call, files, () =>
      local === undefined ? importIntoServer(call, files) : importIntoFolder(call, files, local),
    );
    if (isSet(call, 'json')) return write(io, jsonLine({ username, new: isNew }));
    if (isSet(call, 'quiet')) return;
    const outcome = isNew ? 'is here now' : 'was here already, in this very state';
    await write(io, `${username} ${outcome}.\n`);
  },
};

async function openFiles(folder: string): Promise<ArchiveFiles> {
  const description = await readFile(join(folder, DESCRIPTION_FILE), 'utf8');
  const place = join(folder, BLOCKS_FILE);
  await access(place, constants.R_OK);
  return { description, blocks: await openAsBlob(place) };
}

interface Outcome {
  readonly username: string;
  readonly isNew: boolean;
}

/** Names the damaged files of a refused archive, if the account opens. */
async function namingWhatIsHit<T>(
  call: Call,
  files: ArchiveFiles,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const password = await call.access.givenPassword();
    if (describeFailure(error).exitCode !== EXIT.damaged || password === undefined) throw error;
    const { signal, ...chosen } = importOptions(call);
    const deps = { clock: () => Date.now(), random: systemRandom };
    const hit = await damagedInArchive(files, deps, { ...chosen, password }, signal);
    nameDamaged(call, hit.username, 'imported', hit.damaged);
    throw error;
  }
}

async function importIntoFolder(
  call: Call,
  { description, blocks }: ArchiveFiles,
  local: LocalNodeDeps,
): Promise<Outcome> {
  const bar = startProgress(call.io, isSet(call, 'quiet'));
  const tell = (doneBytes: number): void => bar.tell(doneBytes, blocks.size, 'reading');
  try {
    const files = { description, blocks: blobPieces(blocks) };
    const options = { ...importOptions(call), onProgress: tell };
    const outcome = await importAccount(local, files, options);
    if (outcome.isNew) await call.access.forgetPointers();
    return outcome;
  } finally {
    bar.end();
  }
}

/** Only the owner may import: the server learns of the account from him, as in a move. */
async function importIntoServer(call: Call, files: ArchiveFiles): Promise<Outcome> {
  const { io, signal } = call;
  // What comes back may be older than what was here before.
  const pointerMemory = call.access.pointerMemory(
    textOf(call, 'node') ?? io.env['PYRGOS_NODE'] ?? '',
    { acceptsRollback: true },
  );
  const to = { ...(await call.access.accountDeps()), pointerMemory };
  const reading = startProgress(io, isSet(call, 'quiet'));
  const archive = await openArchive(files, {
    ...importOptions(call),
    clock: to.clock,
    random: to.random,
    onProgress: (doneBytes) => reading.tell(doneBytes, files.blocks.size, 'reading'),
  }).finally(() => reading.end());
  const { username } = archive;
  const question = `Password of ${username}: `;
  const credentials = await call.access.credentials({ username, question });
  const bar = startProgress(io, isSet(call, 'quiet'));
  try {
    const { isNew, session } = await restoreAccount(archive, to, credentials, {
      signal,
      ...tokenOf(call),
      onProgress: tellMove(bar),
    });
    await call.access.remember(username, knownStateOf(session));
    return { username, isNew };
  } finally {
    bar.end();
  }
}

function importOptions(call: Call): { readonly signal: AbortSignal; readonly username?: string } {
  const username = textOf(call, 'account');
  return { signal: call.signal, ...(username === undefined ? {} : { username }) };
}
