/** Calls about accounts, sessions and storage. */
import { question } from './second-factors.ts';
import type {
  Account,
  AccountName,
  ByteProgress,
  MirrorState,
  MoveProgress,
  ServerReport,
  SessionState,
  SignOutOptions,
  StorageReport,
} from '../types.ts';
import {
  type Parser,
  blob,
  byKind,
  count,
  file,
  flag,
  listOf,
  nothing,
  nullable,
  object,
  oneOf,
  shape,
  text,
} from '#lib/rpc/index.ts';

const account: Parser<Account> = object({ username: text, staysSignedIn: flag }, { server: text });
const accountName: Parser<AccountName> = object({ username: text }, { server: text });
const server: Parser<ServerReport> = object({ server: text, takesSignUps: flag });
const byteProgress: Parser<ByteProgress> = object({ doneBytes: count, totalBytes: count });
const moveProgress: Parser<MoveProgress> = object({
  phase: oneOf('copying', 'checking', 'switching', 'waiting'),
  by: oneOf('device', 'servers'),
  doneBlocks: count,
  doneBytes: count,
  totalBytes: count,
});
const mirrorState: Parser<MirrorState> = object(
  { doneBytes: count, isBusy: flag },
  { seenMs: count, failure: text },
);
/** What an operation reports that may ask for a second factor meanwhile. */
const asking = <P extends object>(progress: Parser<P>) =>
  byKind({ question: object({ question }), progress: object({ progress }) });
export const session: Parser<SessionState> = byKind({
  starting: object({}),
  'signed-out': object({ accounts: listOf(account) }),
  'signed-in': object({ username: text }, { server: text }),
});
const signOutOptions: Parser<SignOutOptions> = object({}, { discardsChanges: flag });
export const storage: Parser<StorageReport> = object(
  {
    persistent: nullable(flag),
    usedBytes: count,
  },
  { server: text, quotaBytes: count, browserUsageBytes: count, browserQuotaBytes: count },
);
const accountChange = oneOf('IdentityReplaced', 'PasswordWeakened', 'PasswordReplaced');
const verdict = object({ ok: flag }, { reason: text });
const credentials = { username: text, password: text, staySignedIn: flag } as const;

export const accountProtocol = {
  checkServer: shape([text], server),
  checkUsername: shape([text, nullable(text)], verdict),
  checkPassword: shape(
    [text, text],
    object({ ok: flag, score: oneOf(0, 1, 2, 3, 4) }, { reason: text }),
  ),
  suggestPassphrase: shape([], text),
  signUp: shape([object(credentials, { server: text, token: text })], nothing),
  signIn: shape([object(credentials, { server: text, accepts: accountChange })], nothing, question),
  resume: shape([nullable(accountName)], flag),
  pendingChanges: shape([nullable(accountName)], count),
  sendChanges: shape([], nothing),
  retryChanges: shape([], nothing),
  discardChanges: shape([], nothing),
  signOut: shape([signOutOptions], nothing),
  forgetAccount: shape([accountName, signOutOptions], nothing),
  changePassword: shape([object({ oldPassword: text, newPassword: text })], nothing, question),
  exportAccount: shape(
    [object({ password: text })],
    object({ blocks: blob, description: text }),
    asking(byteProgress),
  ),
  importAccount: shape([file, file], object({ username: text, isNew: flag }), byteProgress),
  mirrorAccount: shape(
    [object({ server: text, password: text }, { token: text })],
    mirrorState,
    question,
  ),
  mirrorState: shape([text], mirrorState),
  endMirror: shape([text], nothing),
  takeOver: shape([], nothing),
  moveAccount: shape(
    [object({ server: text, password: text }, { token: text })],
    nothing,
    asking(moveProgress),
  ),
  storage: shape([], storage),
  freeUnused: shape([], count),
};
