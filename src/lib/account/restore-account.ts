/**
 * An account out of files into a node that others run, where nobody but the owner can put it: the
 * archive is opened as a node of its own, and the account settles at the new place as in a move. Its
 * old home, if there still is one, does not hear of it.
 */
import type { OpenArchive } from '#lib/archive/index.ts';
import { createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { createPointerMemory } from '#lib/writers/index.ts';
import type { AccountDeps } from './session.ts';
import {
  openForSettling,
  settleAccount,
  type MoveOptions,
  type Settled,
} from './migrate-account.ts';
import type { Credentials } from './sign-in.ts';

/**
 * Puts the archive's account in place. What is there already in this state stays; an account in
 * another state is never touched.
 * @throws MoveRefused, `NameTaken`, `SignUpClosed`, `QuotaExceeded`, `WrongPassword`
 */
export async function restoreAccount(
  { node, username }: OpenArchive,
  to: AccountDeps,
  credentials: Omit<Credentials, 'username'>,
  options: MoveOptions = {},
): Promise<Settled> {
  const { random, clock } = to;
  const cipher = createLocalChunkCipher(random);
  const from = { node, random, clock, cipher, pointerMemory: createPointerMemory() };
  const named = { ...credentials, username };
  const opened = await openForSettling(from, named, options.signal);
  return settleAccount(from, to, { ...opened, credentials: named, options });
}
