/**
 * `mirror`: a second node keeps a copy of the account. `take-over`: the account goes on at the node
 * that has a copy of it, because its home is gone.
 */
import { endMirror, mirrorAccount, mirrorWithPassword, takeOver } from '#lib/account/index.ts';
import type { MirrorStatus } from '#lib/node/index.ts';
import type { Call, Command } from '../command.ts';
import { Misused } from '../errors.ts';
import { write } from '../io.ts';
import { openNode } from '../node.ts';
import { startProgress } from '../progress.ts';
import { jsonLine } from '../text.ts';
import { isSet, textOf } from '../values.ts';
import { tokenOf } from './move-account.ts';

const ASK_AGAIN_MS = 1_000;

export const mirrorCommand: Command = {
  name: 'mirror',
  summary: 'Has another node keep a copy of the account, up to the minute; --end ends that.',
  usage: '--at ADDRESS [--token TOKEN] [--end]',
  options: { at: { type: 'string' }, token: { type: 'string' }, end: { type: 'boolean' } },
  operands: [0, 0],
  async run(call) {
    const address = textOf(call, 'at');
    if (address === undefined || address === '') {
      throw new Misused('Where? Give --at https://… of the server that is to keep a copy.');
    }
    const to = await openNode(address, call.io.folder);
    try {
      await (isSet(call, 'end') ? end(call, to.node, address) : begin(call, to.node, address));
    } finally {
      await to.close();
    }
  },
};

type Node = Awaited<ReturnType<typeof openNode>>['node'];

async function begin(call: Call, node: Node, address: string): Promise<void> {
  const { access, io, signal } = call;
  const username = await access.username();
  const question = `Password of ${username}: `;
  const credentials = await access.credentials({ username, question });
  const from = await access.accountDeps();
  const mirroring = { from, to: { ...from, node }, ...tokenOf(call) };
  const bar = startProgress(io, isSet(call, 'quiet'));
  let status: MirrorStatus;
  try {
    status = await mirrorWithPassword(mirroring, credentials, signal);
    const { session } = await access.signedIn(signal);
    // The first copy is waited for; the other node goes on by itself if this ends.
    while (status.seenMs === undefined && status.failure === undefined) {
      signal.throwIfAborted();
      bar.tell(status.doneBytes, status.doneBytes, 'copying');
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
      status = await mirrorAccount({ ...mirroring, session });
    }
  } finally {
    bar.end();
  }
  const { seenMs, failure } = status;
  if (isSet(call, 'json')) {
    return write(io, jsonLine({ username, mirror: address, seenMs, failure }));
  }
  if (isSet(call, 'quiet')) return;
  await write(io, seenMs === undefined ? notYet(address, failure) : whole(address, seenMs));
}

function whole(address: string, seenMs: number): string {
  const when = new Date(seenMs).toISOString();
  return `${address} has a copy, as of ${when}, and brings it up to date every minute.\n`;
}

function notYet(address: string, failure = 'nothing'): string {
  return `${address} has no whole copy yet (${failure}), and tries again every minute.\n`;
}

async function end(call: Call, node: Node, address: string): Promise<void> {
  const { access, io, signal } = call;
  const { session } = await access.signedIn(signal);
  const from = await access.accountDeps();
  await endMirror({ from, to: { ...from, node }, session });
  if (isSet(call, 'json')) return write(io, jsonLine({ mirror: address, ended: true }));
  if (!isSet(call, 'quiet')) await write(io, `${address} follows the account no more.\n`);
}

export const takeOverCommand: Command = {
  name: 'take-over',
  summary: 'The account goes on at this node, which has a copy of it: for when its home is gone.',
  usage: '--yes',
  options: { yes: { type: 'boolean' } },
  operands: [0, 0],
  async run(call) {
    const { access, io, signal } = call;
    if (!isSet(call, 'yes')) {
      throw new Misused(
        'What was changed at the lost home after the copy was made is lost. Give --yes, with --node ' +
          'of the node that has the copy.',
      );
    }
    const { deps, session } = await access.signedIn(signal);
    await takeOver(deps, session);
    const { username } = session;
    if (isSet(call, 'json')) return write(io, jsonLine({ username, takenOver: true }));
    if (!isSet(call, 'quiet')) await write(io, `${username} lives at this node now.\n`);
  },
};
