/** `signup`, `passwd`, `quota`: the account itself. */
import { changePassword, generatePassphrase, knownStateOf, signUp } from '#lib/account/index.ts';
import { signTime, systemRandom } from '#lib/crypto/index.ts';
import { readPassword, type SignedIn } from '../access.ts';
import { type Command } from '../command.ts';
import { Misused } from '../errors.ts';
import { ask, write } from '../io.ts';
import { makeDrive } from '../node.ts';
import { jsonLine, showBytes } from '../text.ts';
import { resolve } from 'node:path';
import { tokenOf } from './move-account.ts';
import { isSet, textOf } from '../values.ts';

export const signup: Command = {
  name: 'signup',
  summary: 'Makes an account; offers a passphrase when no password is given.',
  usage: '[--token TOKEN] [--suggest]',
  options: { token: { type: 'string' }, suggest: { type: 'boolean' } },
  operands: [0, 0],
  async run(call) {
    const { access, io, signal } = call;
    const username = await access.username();
    const suggested = isSet(call, 'suggest') ? await generatePassphrase(systemRandom) : undefined;
    const password = suggested ?? (await access.password(`Password for ${username}: `));
    await makeDrive(call);
    const deps = await access.accountDeps();
    const session = await signUp(deps, { username, password, ...tokenOf(call) }, signal);
    await access.enter(deps, session);
    if (isSet(call, 'json')) {
      const passphrase = suggested === undefined ? {} : { passphrase: suggested };
      await write(io, jsonLine({ username, ...passphrase }));
      return;
    }
    await write(io, `Welcome, ${username}.\n`);
    if (suggested === undefined) return;
    await write(io, `Your passphrase, which nobody can give you again:\n\n    ${suggested}\n\n`);
  },
};

export const passwd: Command = {
  name: 'passwd',
  summary: 'Changes the password.',
  usage: '[--new-password-file FILE]',
  options: { 'new-password-file': { type: 'string' }, 'new-password': { type: 'string' } },
  operands: [0, 0],
  async run(call) {
    const { access, io, signal } = call;
    const question = 'Current password: ';
    const { password: oldPassword, ...who } = await access.credentials({ question });
    const { username } = who;
    const newPassword = await chosenPassword(call);
    const deps = await access.accountDeps();
    const change = { ...who, oldPassword, newPassword };
    await access.remember(username, knownStateOf(await changePassword(deps, change, signal)));
    if (isSet(call, 'json')) return write(io, jsonLine({ username }));
    if (!isSet(call, 'quiet')) await write(io, 'The password was changed.\n');
  },
};

async function chosenPassword(call: Parameters<Command['run']>[0]): Promise<string> {
  const { io } = call;
  const given = textOf(call, 'new-password') ?? io.env['PYRGOS_NEW_PASSWORD'];
  if (given !== undefined && given !== '') return given;
  const file = textOf(call, 'new-password-file');
  if (file !== undefined) return readPassword(resolve(io.folder, file));
  const options = { isSecret: true, instead: 'give --new-password-file' };
  const first = await ask(io, 'New password: ', options);
  const again = await ask(io, 'The same again: ', options);
  if (first !== again) throw new Misused('The two passwords differ. Nothing was changed.');
  return first;
}

/** Bytes used and allowed; undefined: as many as the disk holds. */
export async function spaceOf({ session, deps }: SignedIn) {
  const auth = await signTime(session.identity, deps.clock());
  const { owner } = session.home;
  const [usedBytes, quotaBytes] = await Promise.all([
    deps.node.space.usageBytes(owner, auth),
    deps.node.space.quotaBytes(owner, auth),
  ]);
  const isLimited = quotaBytes < Number.MAX_SAFE_INTEGER;
  return { usedBytes, quotaBytes: isLimited ? quotaBytes : undefined };
}

export const quota: Command = {
  name: 'quota',
  summary: 'Shows how much space is used and how much there is.',
  usage: '[--json]',
  operands: [0, 0],
  async run(call) {
    const { usedBytes, quotaBytes } = await spaceOf(await call.access.signedIn(call.signal));
    if (isSet(call, 'json')) {
      const line = { used_bytes: usedBytes, quota_bytes: quotaBytes ?? null };
      return write(call.io, jsonLine(line));
    }
    const limit = quotaBytes === undefined ? 'as much as the disk holds' : showBytes(quotaBytes);
    return write(call.io, `${showBytes(usedBytes)} of ${limit} used\n`);
  },
};
