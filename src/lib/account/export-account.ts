/**
 * Taking one's account along as files (`archive/`). The password is asked for again: the key that
 * fetches the login record comes of it, and nobody should carry an account off from an open screen.
 */
import {
  BlocksLost,
  exportAccount,
  type AccountExport,
  type ExportOptions,
} from '#lib/archive/index.ts';
import { knownStateOf, type KnownState } from './known-state.ts';
import { whatIsHit } from './lost-parts.ts';
import { openSession, type AccountDeps } from './session.ts';
import { unlock, type Credentials } from './sign-in.ts';

export interface OwnExport extends AccountExport {
  /** What to remember of the account. */
  readonly known: KnownState;
}

/**
 * Begins an export. Throws what a sign-in throws, and what `exportAccount` does; where blocks are
 * lost the stream ends in AccountIncomplete.
 */
export async function exportOwnAccount(
  deps: AccountDeps,
  credentials: Credentials,
  options: ExportOptions = {},
): Promise<OwnExport> {
  const { signal } = options;
  const { keys, derived, state } = await unlock(deps, credentials, signal);
  const { username, identity, sealedSecrets } = keys;
  const isInPublicState = state.data?.staticData !== undefined;
  const login = isInPublicState
    ? undefined
    : { entryPoints: sealedSecrets, loginKey: derived.login.publicKey };
  const exported = await exportAccount(deps, { username, identity, login }, options);
  const blocks = async function* (): AccountExport['blocks'] {
    try {
      yield* exported.blocks;
    } catch (error) {
      if (!(error instanceof BlocksLost)) throw error;
      const session = await openSession(deps, keys, signal);
      throw await whatIsHit(deps, session, error.blocks, signal);
    }
  };
  return { ...exported, blocks: blocks(), known: knownStateOf(keys) };
}
