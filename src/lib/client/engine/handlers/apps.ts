import type { Accounts } from '../session/accounts.ts';
import type { EngineProtocol } from '../../engine-protocol.ts';
import type { Handlers } from '#lib/rpc/index.ts';

/** Apps. */
export function appHandlers(accounts: Accounts) {
  return {
    apps: ({ signal }) => accounts.current.apps.report(signal),
    appIcon: ({ signal }, name) => accounts.current.apps.packages.icon(name, signal),
    appsFor: ({ signal }, id) => accounts.current.apps.offers(id, signal),
    appProposal: ({ signal }, id) => accounts.current.apps.proposal(id, signal),
    appShortcuts: ({ signal }) => accounts.current.apps.shortcuts.list(signal),
    addShortcut: (_context, id) => accounts.current.apps.shortcuts.add(id),
    removeShortcut: (_context, path) => accounts.current.apps.shortcuts.remove(path),
    reviewApp: ({ signal }, source) => accounts.current.apps.packages.review(source, signal),
    reviewIcon: ({ signal }, id) => accounts.current.apps.packages.reviewIcon(id, signal),
    appPublication: ({ signal }, path) => accounts.current.apps.publishing.of(path, signal),
    publishApp: ({ signal }, path, audience) =>
      accounts.current.apps.publishing.publish(path, audience, signal),
    installApp: ({ signal }, id) => accounts.current.apps.packages.install(id, signal),
    removeApp: (_context, name, keepData) => accounts.current.apps.remove(name, keepData),
    appUpdates: ({ signal }) => accounts.current.apps.updates.all(signal),
    appUpdate: ({ signal }, name) => accounts.current.apps.updates.atStart(name, signal),
    runApp: ({ signal, progress }, what, openedId, runId) =>
      accounts.current.apps.run(what, openedId, runId, progress, signal),
    connectApp: async (_context, runId, port) => accounts.current.apps.connect(runId, port),
    appStorage: ({ signal }, runId) => accounts.current.apps.storage(runId, signal),
    answerApp: async (_context, id, answer) => accounts.current.apps.answer(id, answer),
    newApp: ({ signal }, folder, title) => accounts.current.apps.create(folder, title, signal),
    newAppFile: (_context, app, extension, folder, name) =>
      accounts.current.apps.createFile(app, extension, folder, name),
  } satisfies Partial<Handlers<EngineProtocol>>;
}
