import { answering } from './asking.ts';
import type { EngineCaller } from './engine-caller.ts';
import type { Client } from '../types.ts';
import { ownServer } from '../own-server.ts';
import { saveBlob } from '../page-files.ts';

/** Accounts, sessions and storage. */
export function accountCalls(engine: EngineCaller) {
  return {
    ownServer,
    checkServer: (typed) => engine().call('checkServer', [typed]),
    checkUsername: (name, server) => engine().call('checkUsername', [name, server]),
    checkPassword: (password, username) => engine().call('checkPassword', [password, username]),
    suggestPassphrase: () => engine().call('suggestPassphrase', []),
    signUp: (options, signal) => engine().call('signUp', [options], { signal }),
    async signIn(options, asking) {
      const { signal, ask } = answering(engine, asking);
      await engine().call('signIn', [options], { signal, onProgress: ask });
    },
    resume: (account) => engine().call('resume', [account]),
    pendingChanges: (account) => engine().call('pendingChanges', [account]),
    sendChanges: () => engine().call('sendChanges', []),
    retryChanges: () => engine().call('retryChanges', []),
    discardChanges: () => engine().call('discardChanges', []),
    signOut: (options = {}) => engine().call('signOut', [options]),
    forgetAccount: (account, options = {}) => engine().call('forgetAccount', [account, options]),
    async changePassword(options, asking) {
      const { signal, ask } = answering(engine, asking);
      await engine().call('changePassword', [options], { signal, onProgress: ask });
    },
    async exportAccount(options, onProgress, asking) {
      const { signal, ask } = answering(engine, asking);
      const exported = await engine().call('exportAccount', [options], {
        signal,
        onProgress: (told) =>
          told.kind === 'question' ? ask(told.question) : onProgress(told.progress),
      });
      saveBlob(exported.blocks, 'blocks.car');
      saveBlob(new Blob([exported.description], { type: 'application/json' }), 'node.json');
    },
    importAccount: (blocks, description, onProgress, signal) =>
      engine().call('importAccount', [blocks, description], { signal, onProgress }),
    mirrorAccount(options, asking) {
      const { signal, ask } = answering(engine, asking);
      return engine().call('mirrorAccount', [options], { signal, onProgress: ask });
    },
    mirrorState: (server) => engine().call('mirrorState', [server]),
    endMirror: (server) => engine().call('endMirror', [server]),
    takeOver: () => engine().call('takeOver', []),
    async moveAccount(options, onProgress, asking) {
      const { signal, ask } = answering(engine, asking);
      await engine().call('moveAccount', [options], {
        signal,
        onProgress: (told) =>
          told.kind === 'question' ? ask(told.question) : onProgress(told.progress),
      });
    },
    storage: () => engine().call('storage', []),
    /** Only a page may ask; browsers answer by their own rules, some ask the person. */
    askPersistence: async () => (await navigator.storage?.persist?.()) ?? false,
    freeUnused: () => engine().call('freeUnused', []),
  } satisfies Partial<Client>;
}
