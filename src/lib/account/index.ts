/**
 * Accounts: making one, signing in, staying signed in, changing the password (A-6 §7, B-2 §6, B-3,
 * B-4). Passwords and keys never leave this room except inside a {@link Session}.
 */
export { changePassword } from './change-password.ts';
export { renewClaim } from './claim-renewal.ts';
export type { PasswordChange } from './change-password.ts';
export {
  AccountAbsent,
  AccountIncomplete,
  IdentityChanged,
  IdentityDisputed,
  MoveRefused,
  SignInAgain,
  UserDeleted,
} from './errors.ts';
export { exportOwnAccount } from './export-account.ts';
export { damagedInArchive } from './lost-parts.ts';
export { endMirror, mirrorAccount, mirrorWithPassword, takeOver } from './mirrors.ts';
export { moveAccount } from './move-account.ts';
export { isHomeAt } from './register-account.ts';
export { restoreAccount } from './restore-account.ts';
export type { MoveOptions, MovePhase, MoveProgress } from './migrate-account.ts';
export { generatePassphrase } from './passphrase.ts';
export { judgePassword } from './password-rules.ts';
export type { PasswordJudgement, PasswordScore } from './password-rules.ts';
export { SecondFactors } from './second-factors.ts';
export type { NewAuthenticator } from './second-factors.ts';
export { AccountChanged, asInSession, knownStateOf } from './known-state.ts';
export type { AccountChange, KnownState } from './known-state.ts';
export { keepNoLogins } from './no-kept-logins.ts';
export { accountKey, openSavedLogins } from './saved-logins.ts';
export type { AccountName, KnownAccount, SavedLogins } from './saved-logins.ts';
export { continueSession } from './session.ts';
export type { AccountDeps, Session } from './session.ts';
export { resumeSession, signIn } from './sign-in.ts';
export type { Credentials, KeptLogin } from './sign-in.ts';
export { signUp } from './sign-up.ts';
export type { NewAccount } from './sign-up.ts';
export { createSystemFolders } from './system-folders.ts';
export { TrustStore } from './trust-store.ts';
export { compareNames, keyFingerprint } from './witnesses.ts';
export type { Comparison, DisputedName, NameWitness } from './witnesses.ts';
