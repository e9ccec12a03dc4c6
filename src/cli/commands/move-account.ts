/**
 * `move`: the account goes to another node, with its name, keys and password. What the old place
 * still has stays until its owner says that it may go.
 */
import { isHomeAt, knownStateOf, moveAccount, signIn } from '#lib/account/index.ts';
import type { MoveOptions, MoveProgress } from '#lib/account/index.ts';
import { createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { removeMovedAccount } from '#lib/node-local/index.ts';
import { type Call, type Command } from '../command.ts';
import { Misused } from '../errors.ts';
import { write } from '../io.ts';
import { namingDamage } from '../left-out.ts';
import { openNode, openOrMakeNode, placeOf, type OpenNode } from '../node.ts';
import { startProgress, type ProgressBar } from '../progress.ts';
import { jsonLine } from '../text.ts';
import { isSet, textOf } from '../values.ts';

export const moveAccountCommand: Command = {
  name: 'move',
  summary: 'Moves the account to another node; --confirm then clears the old place.',
  usage: '--to ADDRESS [--token TOKEN] [--by device|servers] [--confirm]',
  options: {
    to: { type: 'string' },
    token: { type: 'string' },
    by: { type: 'string' },
    confirm: { type: 'boolean' },
  },
  operands: [0, 0],
  async run(call) {
    const address = textOf(call, 'to');
    if (address === undefined || address === '') {
      throw new Misused('Where to? Give --to https://… of a server, or --to dir:PATH.');
    }
    await call.access.node();
    await (isSet(call, 'confirm') ? confirm(call, address) : move(call, address));
  },
};

async function move(call: Call, address: string): Promise<void> {
  const { access, io, signal } = call;
  placeOf(address, io.folder); // throws where it names no place
  const username = await access.username();
  const credentials = await access.credentials({ username, question: questionTo(username) });
  const deps = await access.accountDeps();
  const { random, clock } = deps;
  const from = { ...deps, cipher: createLocalChunkCipher(random) };
  let opened: OpenNode | undefined;
  const openTo = async () => {
    // Only now: a password that is refused leaves no empty drive.
    opened = await openOrMakeNode(address, io.folder);
    // What is there from an earlier stay may be newer.
    const pointerMemory = access.pointerMemory(address, { acceptsRollback: true });
    return { node: opened.node, random, clock, pointerMemory };
  };
  const bar = startProgress(io, isSet(call, 'quiet'));
  try {
    const options = { signal, ...tokenOf(call), ...byOf(call), onProgress: tellMove(bar) };
    const work = () => moveAccount(from, openTo, credentials, options);
    const session = await namingDamage(call, username, 'moved', () => work().finally(bar.end));
    for (const place of [undefined, address]) {
      await access.remember(username, knownStateOf(session), place);
    }
  } finally {
    bar.end();
    await opened?.close();
  }
  if (isSet(call, 'json')) return write(io, jsonLine({ username, home: address }));
  if (isSet(call, 'quiet')) return;
  const next = (await access.node()).local === undefined ? '' : KEPT_HERE;
  await write(io, `${username} lives at ${address} now, with everything.\n${next}`);
}

const KEPT_HERE =
  'What the old place has stays until you say: the same command with --confirm removes it.\n';

/** Removes what the old place kept, once the account opens at the new one. */
async function confirm(call: Call, address: string): Promise<void> {
  const to = await openNode(address, call.io.folder);
  try {
    await confirmAt(call, to, address);
  } finally {
    await to.close();
  }
}

async function confirmAt(call: Call, { node }: OpenNode, address: string): Promise<void> {
  const { access, io, signal } = call;
  const { local } = await access.node();
  if (local === undefined) {
    throw new Misused('What a server kept is removed by its operator, with the command forget.');
  }
  const username = await access.username();
  const question = questionTo(username);
  const credentials = await access.credentials({ username, question, address });
  const here = await access.accountDeps();
  const acceptsRollback = isSet(call, 'accept-rollback');
  const there = {
    ...here,
    node,
    pointerMemory: access.pointerMemory(address, { acceptsRollback }),
  };
  const session = await signIn(there, credentials, signal);
  await access.remember(username, knownStateOf(session), address);
  if (!(await isHomeAt(here, there, username))) {
    throw new Misused(`${username} has not moved to ${address}: leave out --confirm first.`);
  }
  await removeMovedAccount(local, username, signal);
  if (isSet(call, 'json')) return write(io, jsonLine({ username, home: address, removed: true }));
  if (isSet(call, 'quiet')) return;
  await write(io, `Nothing of ${username} is left at the old place; ${address} has it all.\n`);
}

function questionTo(username: string): string {
  return `Password of ${username}: `;
}

/** An invitation to a node, from the command line or the environment. */
export function tokenOf(call: Call): { readonly token?: string } {
  const token = textOf(call, 'token') ?? call.io.env['PYRGOS_TOKEN'];
  return token === undefined || token === '' ? {} : { token };
}

function byOf(call: Call): Pick<MoveOptions, 'by'> {
  const by = textOf(call, 'by');
  if (by === undefined) return {};
  if (by !== 'device' && by !== 'servers') throw new Misused('--by is "device" or "servers".');
  return { by };
}

export function tellMove(bar: ProgressBar): (progress: MoveProgress) => void {
  return ({ phase, doneBytes, totalBytes }) => bar.tell(doneBytes, totalBytes, phase);
}
