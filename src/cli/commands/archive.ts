/** `export`, `import`: an account as files, in the form other tools of the protocol read. */
import { constants, existsSync, openAsBlob } from 'node:fs';
import { access, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { exportOwnAccount, restoreAccount } from '#lib/account/index.ts';
import { blobPieces, importAccount, openArchive } from '#lib/archive/index.ts';
import type { ArchiveFiles } from '#lib/archive/index.ts';
import type { LocalNodeDeps } from '#lib/node/index.ts';
import { isSet, textOf, type Call, type Command } from '../command.ts';
import { LocalExists, Misused } from '../errors.ts';
import { write } from '../io.ts';
import { makeDrive } from '../node.ts';
import { startProgress } from '../progress.ts';
import { jsonLine } from '../text.ts';
import { tellMove, tokenOf } from './move-account.ts';

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
    const there = isSet(call, 'force') ? undefined : places.find((place) => existsSync(place));
    if (there !== undefined) throw new LocalExists(there);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const username = await access.username();
    const password = await access.password();
    const deps = await access.accountDeps();
    const bar = startProgress(io, isSet(call, 'quiet'));
    try {
      const { secondFactor } = access;
      const exported = await exportOwnAccount(
        deps,
        { username, password, secondFactor, known: await access.known(username) },
        { signal, onProgress: ({ doneBytes, totalBytes }) => bar.tell(doneBytes, totalBytes) },
      );
      const [blocksPart, descriptionPart] = places.map((place) => `${place}.part`);
      await writePart(blocksPart!, exported.blocks);
      await writePart(descriptionPart!, [new TextEncoder().encode(exported.description())]);
      // Both or, but for an instant, none: they are of one moment.
      await rename(blocksPart!, places[0]);
      await rename(descriptionPart!, places[1]);
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

/** Beside its place first: a broken-off export must not look like one. */
async function writePart(
  part: string,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  // What is there is left of an export that was killed.
  await rm(part, { force: true });
  const file = await open(part, 'wx', 0o600);
  try {
    for await (const piece of pieces) await file.writev([piece]);
    await file.sync();
    await file.close();
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(part, { force: true });
    throw error;
  }
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
    const { username, isNew } = await (local === undefined
      ? importIntoServer(call, files)
      : importIntoFolder(call, files, local));
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

async function importIntoFolder(
  call: Call,
  { description, blocks }: ArchiveFiles,
  local: LocalNodeDeps,
): Promise<Outcome> {
  const bar = startProgress(call.io, isSet(call, 'quiet'));
  const tell = (doneBytes: number): void => bar.tell(doneBytes, blocks.size, 'reading');
  try {
    const files = { description, blocks: blobPieces(blocks) };
    return await importAccount(local, files, { ...importOptions(call), onProgress: tell });
  } finally {
    bar.end();
  }
}

/** Nobody but the owner may: the server learns of the account from him, as in a move. */
async function importIntoServer(call: Call, files: ArchiveFiles): Promise<Outcome> {
  const { io, signal } = call;
  const to = await call.access.accountDeps();
  const reading = startProgress(io, isSet(call, 'quiet'));
  const archive = await openArchive(files, {
    ...importOptions(call),
    clock: to.clock,
    random: to.random,
    onProgress: (doneBytes) => reading.tell(doneBytes, files.blocks.size, 'reading'),
  }).finally(() => reading.end());
  const { username } = archive;
  const password = await call.access.password(`Password of ${username}: `);
  const bar = startProgress(io, isSet(call, 'quiet'));
  try {
    const { isNew } = await restoreAccount(
      archive,
      to,
      { password },
      { signal, ...tokenOf(call), onProgress: tellMove(bar) },
    );
    return { username, isNew };
  } finally {
    bar.end();
  }
}

function importOptions(call: Call) {
  const username = textOf(call, 'account');
  return { signal: call.signal, ...(username === undefined ? {} : { username }) };
}
