/**
 * The page's side of the façade: it turns each request of a screen into a call to the engine. It
 * holds no key, hash or block.
 */
import { accountCalls } from './calls/accounts.ts';
import { appCalls } from './calls/apps.ts';
import { contentCalls } from './calls/contents.ts';
import type { EngineCaller } from './calls/engine-caller.ts';
import { entryCalls } from './calls/entries.ts';
import { linkCalls } from './calls/links.ts';
import { nodeCalls } from './calls/nodes.ts';
import { peopleCalls, sharingCalls } from './calls/people.ts';
import { profileCalls } from './calls/profiles.ts';
import { routeCalls } from './calls/route.ts';
import { secondFactorCalls } from './calls/second-factors.ts';
import { transferCalls } from './calls/transfers.ts';
import { PageEngine, type PageEngineDeps } from './page-engine.ts';
import type { ServiceWorkerLink } from './service-worker-link.ts';
import type { Client } from './types.ts';

/** What the screens need comes first. */
const KEEP_VIEWERS_AFTER_MS = 20_000;

/** Returns the façade to an engine that starts when it is needed. */
export function createPageClient(deps: PageEngineDeps): Client {
  const pageEngine = new PageEngine(deps);
  void pageEngine.begin();
  keepViewersLater(pageEngine, deps.serviceWorker);
  const engine: EngineCaller = () => pageEngine.caller;
  return {
    get state() {
      return pageEngine.state;
    },
    subscribe: (listener) => pageEngine.subscribe(listener),
    ...accountCalls(engine),
    ...secondFactorCalls(engine),
    ...entryCalls(engine),
    ...contentCalls(engine, deps.serviceWorker),
    ...transferCalls(engine),
    ...peopleCalls(engine),
    ...sharingCalls(engine),
    ...linkCalls(engine),
    ...nodeCalls(engine),
    ...profileCalls(engine),
    ...appCalls(engine, deps.serviceWorker),
    ...routeCalls(engine),
  };
}

/** Once somebody has been signed in for a while, the viewers are kept for times without a network. */
function keepViewersLater(pageEngine: PageEngine, link: ServiceWorkerLink | undefined): void {
  const stop = pageEngine.subscribe(({ kind }) => {
    if (kind !== 'session' || pageEngine.state.kind !== 'signed-in') return;
    stop();
    setTimeout(() => {
      void link?.ready().then((isThere) => isThere && link.keepViewers());
    }, KEEP_VIEWERS_AFTER_MS);
  });
}
