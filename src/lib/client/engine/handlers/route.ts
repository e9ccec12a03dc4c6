import type { Accounts } from '../session/accounts.ts';
import { openRoute, sealRoute } from '../session/sealed-routes.ts';
import type { EngineProtocol } from '../../engine-protocol.ts';
import type { Random } from '#lib/bytes/index.ts';
import type { Handlers } from '#lib/rpc/index.ts';

/** Places in the app. */
export function routeHandlers(accounts: Accounts, random: Random) {
  return {
    async sealRoute(_context, place) {
      return sealRoute(place, accounts.current.session.rootKey, random);
    },
    async openRoute(_context, sealed) {
      const { session, drive, people } = accounts.current;
      const route = openRoute(sealed, session.rootKey);
      const [root] = route?.path ?? [];
      if (root === undefined) return route;
      await people.mount(root);
      return drive.roots.has(root) ? route : undefined;
    },
  } satisfies Partial<Handlers<EngineProtocol>>;
}
