import type { EngineCaller } from './engine-caller.ts';
import type { Client } from '../types.ts';
import { wholeAddress, withOwnOrigin } from '../link-origin.ts';
import { askHost } from '../own-server.ts';

/** The own secret links, and one that is opened without an account. */
export function linkCalls(engine: EngineCaller) {
  return {
    links: async (id, signal) =>
      (await engine().call('links', [id], { signal })).map(withOwnOrigin),
    allLinks: async (signal) =>
      (await engine().call('allLinks', [], { signal })).map(withOwnOrigin),
    linkToFile: async ({ path, label }, file) =>
      wholeAddress(await engine().call('linkToFile', [{ path, label }, file])),
    makeLink: async (id, right, terms) =>
      withOwnOrigin(await engine().call('makeLink', [id, right, terms])),
    changeLink: async ({ path, label }, terms) =>
      withOwnOrigin(await engine().call('changeLink', [{ path, label }, terms])),
    removeLink: ({ path, label }) => engine().call('removeLink', [{ path, label }]),
    async openLink(address, signal) {
      const caller = engine(); // starts while the host is asked
      const { server, isAway } = await askHost();
      const open = (at?: string) => caller.call('openLink', [address, at], { signal });
      return open(server).catch((error: unknown) => {
        // Nobody of this browser; the host would know, if it could be asked.
        if (isAway && isNamed(error, 'LinkElsewhere')) return open(location.origin);
        throw error;
      });
    },
    unlockLink: (password) => engine().call('unlockLink', [password]),
    linkOwner: (signal) => engine().call('linkOwner', [], { signal }),
    saveLink: (signal) => engine().call('saveLink', [], { signal }),
  } satisfies Partial<Client>;
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
