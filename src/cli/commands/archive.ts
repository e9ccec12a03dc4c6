/** `export`, `import`: an account as files, in the form other tools of the protocol read. */
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { exportOwnAccount } from '#lib/account/index.ts';
import { importAccount } from '#lib/archive/index.ts';
import { isSet, textOf, type Command } from '../command.ts';
import { LocalExists, Misused } from '../errors.ts';
import { write } from '../io.ts';
import { startProgress } from '../progress.ts';

const BLOCKS_FILE = 'blocks.car';
const DESCRIPTION_FILE = 'node.json';

export const exportCommand: Command = {
  name: 'export',
  summary: 'Writes the account into a folder: blocks.car and node.json.',
  usage: 'FOLDER',
  operands: [1, 1],
  async run(call) {
    const { access, io, signal } = call;
    const folder = resolve(io.folder, call.operands[0] ?? '');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const username = await access.username();
    const password = await access.password();
    const deps = await access.accountDeps();
    const bar = startProgress(io, isSet(call, 'quiet'));
    try {
      const { secondFactor } = access;
      const exported = await exportOwnAccount(
        deps,
        { username, password, secondFactor },
        { signal, onProgress: ({ doneBytes, totalBytes }) => bar.tell(doneBytes, totalBytes) },
      );
      await writeWhole(join(folder, BLOCKS_FILE), exported.blocks);
      await writeWhole(join(folder, DESCRIPTION_FILE), [
        new TextEncoder().encode(exported.description()),
      ]);
    } finally {
      bar.end();
    }
    if (!isSet(call, 'quiet')) await write(io, `${username} is in ${folder}.\n`);
  },
};

/** Beside its place first: a broken-off export must not look like one. */
async function writeWhole(
  place: string,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const part = `${place}.part`;
  const file = await open(part, 'wx', 0o600).catch((error: unknown) => {
    throw new LocalExists(part, { cause: error });
  });
  try {
    for await (const piece of pieces) await file.writev([piece]);
    await file.sync();
    await file.close();
    await rename(part, place);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(part, { force: true });
    throw error;
  }
}

export const importCommand: Command = {
  name: 'import',
  summary: 'Puts an exported account into a node on this disk (--node dir:PATH).',
  usage: '[--account NAME] FOLDER',
  options: { account: { type: 'string' } },
  operands: [1, 1],
  async run(call) {
    const { access, io, signal } = call;
    const { local } = await access.node();
    if (local === undefined) {
      throw new Misused('An account is put into the folder of a node: use --node dir:PATH there.');
    }
    const folder = resolve(io.folder, call.operands[0] ?? '');
    const username = textOf(call, 'account');
    const description = await readFile(join(folder, DESCRIPTION_FILE), 'utf8');
    const blocks = createReadStream(join(folder, BLOCKS_FILE)) as AsyncIterable<Uint8Array>;
    const imported = await importAccount(
      local,
      { description, blocks },
      { signal, ...(username === undefined ? {} : { username }) },
    );
    if (isSet(call, 'json')) {
      const line = { username: imported.username, new: imported.isNew };
      await write(io, `${JSON.stringify(line)}\n`);
    } else if (!isSet(call, 'quiet')) {
      const outcome = imported.isNew ? 'is here now' : 'was here already, in this very state';
      await write(io, `${imported.username} ${outcome}.\n`);
    }
  },
};
