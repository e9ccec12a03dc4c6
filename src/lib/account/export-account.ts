/**
 * Taking one's account along as files (`archive/`). The password is asked for again: the key that
 * fetches the login record comes of it, and nobody should carry an account off from an open screen.
 */
import { exportAccount, type AccountExport, type ExportOptions } from '#lib/archive/index.ts';
import type { AccountDeps } from './session.ts';
import { unlock, type Credentials } from './sign-in.ts';

/** Begins an export. Throws what a sign-in throws, and what `exportAccount` does. */
export async function exportOwnAccount(
  deps: AccountDeps,
  credentials: Credentials,
  options: ExportOptions = {},
): Promise<AccountExport> {
  const { keys, derived, state } = await unlock(deps, credentials, options.signal);
  const { username, identity, sealedSecrets } = keys;
  const isInPublicState = state.data?.staticData !== undefined;
  const login = isInPublicState
    ? undefined
    : { entryPoints: sealedSecrets, loginKey: derived.login.publicKey };
  return exportAccount(deps, { username, identity, login }, options);
}
