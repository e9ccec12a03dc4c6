import type { Accounts } from '../session/accounts.ts';
import type { EngineProtocol } from '../../engine-protocol.ts';
import type { Handlers } from '#lib/rpc/index.ts';

/** Profiles. */
export function profileHandlers(accounts: Accounts) {
  return {
    ownProfile: ({ signal }) => accounts.current.people.profiles.own(signal),
    changeProfile: (_context, texts) => accounts.current.people.profiles.change(texts),
    changePhoto: (_context, picture) => accounts.current.people.profiles.changePhoto(picture),
    shareProfile: (_context, fields, recipients) =>
      accounts.current.people.profiles.share(fields, recipients),
    unshareProfile: (_context, field, recipients) =>
      accounts.current.people.profiles.unshare(field, recipients),
    profileOf: ({ signal }, username) => accounts.current.people.profiles.of(username, signal),
    photoOf: ({ signal }, username) => accounts.current.people.profiles.photo(username, signal),
  } satisfies Partial<Handlers<EngineProtocol>>;
}

/** What everybody may read. */
export function publicationHandlers(accounts: Accounts) {
  const publications = () => accounts.current.people.publications;
  return {
    publish: (_context, path) => publications().publish(path),
    unpublish: (_context, path) => publications().unpublish(path),
    publicBy: ({ signal }, path) => publications().publicBy(path, signal),
    website: ({ signal }) => publications().website(signal),
    publishWebsite: (_context, path) => publications().publishWebsite(path),
    unpublishWebsite: () => publications().unpublishWebsite(),
    publicAddress: (_context, path) => publications().publicAddress(path),
  } satisfies Partial<Handlers<EngineProtocol>>;
}
