/**
 * Moving an account to another node (B-2 §12): from the node of this browser to a server, or between
 * servers. Two servers that reach each other do it among themselves (`move-by-servers.ts`); otherwise
 * the device carries everything, with any node.
 *
 * The order is what makes it safe. Carried by the device, the account settles at the new place first (`settle-account.ts`);
 * only then does the claim at the old place name the new home. Until that moment the account lives
 * where it was. Nothing is removed at the old place.
 */
import type { DriveDeps } from '#lib/drive/index.ts';
import { claimChainToCbor } from '#lib/protocol/index.ts';
import { NO_WORK } from './claim-renewal.ts';
import { MoveRefused } from './errors.ts';
import { moveByServers } from './move-by-servers.ts';
import { isHomeAt } from './register-account.ts';
import type { AccountDeps, Session } from './session.ts';
import { openForSettling, settleAccount, type MoveOptions } from './migrate-account.ts';
import type { Credentials } from './sign-in.ts';

/**
 * Moves the account; the answer is a session at the new place. Neither node may answer from a cache.
 * The new place may be given as what opens it, which is called once the password has opened the
 * account at the old one.
 * @throws MoveRefused, `NameTaken`, `SignUpClosed`, `QuotaExceeded`, `WrongPassword`
 */
export async function moveAccount(
  from: DriveDeps,
  newPlace: AccountDeps | (() => Promise<AccountDeps>),
  credentials: Credentials,
  options: MoveOptions = {},
): Promise<Session> {
  const { signal } = options;
  const opened = await openForSettling(from, credentials, signal);
  const { username } = opened.session;
  const to = typeof newPlace === 'function' ? await newPlace() : newPlace;
  if (await isHomeAt(from, to, username)) {
    throw new MoveRefused('This account has its home there already.');
  }
  if (options.by !== 'device') {
    const { session } = opened;
    const moved = await moveByServers({ from, to, session, credentials, options });
    if (moved !== undefined) return moved;
    if (options.by === 'servers') {
      throw new MoveRefused('These servers cannot move an account among themselves.');
    }
  }
  const settled = await settleAccount(from, to, { ...opened, credentials, options });
  await from.node.names.updateChain(username, claimChainToCbor(settled.chain), NO_WORK, '');
  return settled.session;
}
