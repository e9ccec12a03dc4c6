import type { GuestLinks } from '../guest/guest-links.ts';
import type { Accounts } from '../session/accounts.ts';
import type { EngineProtocol } from '../../engine-protocol.ts';
import type { Handlers } from '#lib/rpc/index.ts';

/** The own secret links. */
export function linkHandlers(accounts: Accounts) {
  return {
    links: ({ signal }, id) => accounts.current.people.links.of(id, signal),
    allLinks: ({ signal }) => accounts.current.people.links.all(signal),
    makeLink: ({ signal }, id, right, terms) =>
      accounts.current.people.links.make(id, right, terms, signal),
    linkToFile: ({ signal }, link, file) =>
      accounts.current.people.links.toFile(link, file, signal),
    changeLink: ({ signal }, link, terms) =>
      accounts.current.people.links.change(link, terms, signal),
    removeLink: ({ signal }, link) => accounts.current.people.links.remove(link, signal),
  } satisfies Partial<Handlers<EngineProtocol>>;
}

/** A link that is opened without an account. */
export function guestHandlers(guestLinks: GuestLinks) {
  return {
    openLink: ({ signal }, address, ownServer) => guestLinks.openLink(address, ownServer, signal),
    unlockLink: ({ signal }, password) => guestLinks.unlock(password, signal),
    linkOwner: ({ signal }) => guestLinks.owner(signal),
    saveLink: ({ signal }) => guestLinks.save(signal),
  } satisfies Partial<Handlers<EngineProtocol>>;
}
