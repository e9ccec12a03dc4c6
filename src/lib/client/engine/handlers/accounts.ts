import type { Accounts } from '../session/accounts.ts';
import type { AccountSecurity } from '../session/account-security.ts';
import type { AccountTransfer, Asking } from '../session/account-transfer.ts';
import type { SecondFactorQuestions } from '../session/second-factor-questions.ts';
import type { EngineProtocol } from '../../engine-protocol.ts';
import type { SecondFactorQuestion } from '../../types.ts';
import { generatePassphrase, judgePassword } from '#lib/account/index.ts';
import type { Random } from '#lib/bytes/index.ts';
import type { CallContext, Handlers } from '#lib/rpc/index.ts';

/** Accounts, sessions and storage. */
export function accountHandlers(
  accounts: Accounts,
  questions: SecondFactorQuestions,
  random: Random,
) {
  return {
    checkServer: (_context, typed) => accounts.checkServer(typed),
    checkUsername: (_context, name, server) => accounts.checkUsername(name, server),
    checkPassword: (_context, password, username) => judgePassword(password, username),
    suggestPassphrase: () => generatePassphrase(random),
    signUp: ({ signal }, options) => accounts.signUp(options, signal),
    signIn: ({ signal, progress }, options) =>
      accounts.signIn(options, questions.asking(progress, signal), signal),
    resume: (_context, account) => accounts.resume(account),
    pendingChanges: (_context, account) => accounts.pendingChanges(account),
    sendChanges: async () => accounts.current.pendingSync?.send(),
    retryChanges: async () => accounts.open?.pendingSync?.retry(),
    discardChanges: async () => accounts.current.pendingSync?.discard(),
    signOut: (_context, options) => accounts.signOut(options),
    forgetAccount: (_context, account, options) => accounts.forget(account, options),
    storage: () => accounts.current.storage(),
    freeUnused: ({ signal }) => accounts.current.freeUnused(signal),
  } satisfies Partial<Handlers<EngineProtocol>>;
}

/** Export, import and moving of an account. */
export function accountTransferHandlers(accountTransfer: AccountTransfer) {
  return {
    exportAccount: (context, options) => accountTransfer.exportAccount(options, askingOf(context)),
    importAccount: ({ signal, progress }, blocks, description) =>
      accountTransfer.importAccount({ blocks, description }, { signal, onProgress: progress }),
    mirrorAccount: ({ signal, progress }, options) =>
      accountTransfer.mirrors.begin(options, { signal, onQuestion: progress }),
    mirrorState: (_context, server) => accountTransfer.mirrors.state(server),
    endMirror: (_context, server) => accountTransfer.mirrors.end(server),
    takeOver: () => accountTransfer.mirrors.takeOver(),
    moveAccount: (context, options) => accountTransfer.moveAccount(options, askingOf(context)),
  } satisfies Partial<Handlers<EngineProtocol>>;
}

/** An operation's progress and its questions go the same way. */
function askingOf<P>({
  signal,
  progress,
}: CallContext<
  { kind: 'progress'; progress: P } | { kind: 'question'; question: SecondFactorQuestion }
>): Asking<P> {
  return {
    signal,
    onProgress: (value) => progress({ kind: 'progress', progress: value }),
    onQuestion: (question) => progress({ kind: 'question', question }),
  };
}

/** The password and second factors. */
export function securityHandlers(security: AccountSecurity, questions: SecondFactorQuestions) {
  return {
    changePassword: ({ signal, progress }, options) =>
      security.changePassword(options, signal, progress),
    answerQuestion: async (_context, id, proof) => questions.answer(id, proof),
    secondFactors: () => security.secondFactors.list(),
    addAuthenticator: () => security.secondFactors.addAuthenticator(),
    confirmAuthenticator: (_context, credential, code) =>
      security.secondFactors.confirmAuthenticator(credential, code),
    generateBackupCodes: async () => (await security.secondFactors.generateBackupCodes()).codes,
    startSecurityKey: () => security.secondFactors.startSecurityKey(),
    completeSecurityKey: (_context, name, proof) =>
      security.secondFactors.completeSecurityKey(name, proof),
    removeSecondFactor: (_context, credential) => security.secondFactors.remove(credential),
  } satisfies Partial<Handlers<EngineProtocol>>;
}
