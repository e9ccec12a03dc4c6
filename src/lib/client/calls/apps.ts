import type { EngineCaller } from './engine-caller.ts';
import type { Client } from '../types.ts';
import { wholeAddress } from '../link-origin.ts';
import type { ServiceWorkerLink } from '../service-worker-link.ts';

/** Apps. */
export function appCalls(engine: EngineCaller, link: ServiceWorkerLink | undefined) {
  return {
    apps: (signal) => engine().call('apps', [], { signal }),
    appIcon: (name, signal) => engine().call('appIcon', [name], { signal }),
    appsFor: (id, signal) => engine().call('appsFor', [id], { signal }),
    appProposal: (id, signal) => engine().call('appProposal', [id], { signal }),
    appShortcuts: (signal) => engine().call('appShortcuts', [], { signal }),
    addShortcut: (id) => engine().call('addShortcut', [id]),
    removeShortcut: (path) => engine().call('removeShortcut', [path]),
    reviewIcon: (reviewId, signal) => engine().call('reviewIcon', [reviewId], { signal }),
    reviewApp: (source, signal) => engine().call('reviewApp', [source], { signal }),
    appPublication: (folder, signal) => engine().call('appPublication', [folder], { signal }),
    publishApp: async (folder, audience) =>
      wholeAddress(await engine().call('publishApp', [folder, audience])),
    installApp: (reviewId) => engine().call('installApp', [reviewId]),
    removeApp: (name, keepData) => engine().call('removeApp', [name, keepData]),
    appUpdates: (signal) => engine().call('appUpdates', [], { signal }),
    appUpdate: (name, signal) => engine().call('appUpdate', [name], { signal }),
    newApp: (folder, title) => engine().call('newApp', [folder, title]),
    newAppFile: (app, extension, folder, name) =>
      engine().call('newAppFile', [app, extension, folder, name]),
    async openPrint(page) {
      if (link === undefined || !(await link.ready())) return undefined;
      const { startPrint } = await import('../frames.ts');
      return startPrint(link.siteUrl, page);
    },
    async openApp(what, opened, theme, listener) {
      if (link === undefined || !(await link.ready())) return undefined;
      await link.requireSandbox();
      const { startApp } = await import('../app-frame.ts');
      const deps = { siteUrl: link.siteUrl, engine: engine(), originOf: link.appOrigin };
      const session = await startApp(deps, what, opened, { theme, listener });
      const rest = link.keepAwake();
      return {
        ...session,
        get url() {
          return session.url;
        },
        get hasOwnOrigin() {
          return session.hasOwnOrigin;
        },
        close() {
          rest();
          session.close();
        },
      };
    },
  } satisfies Partial<Client>;
}
