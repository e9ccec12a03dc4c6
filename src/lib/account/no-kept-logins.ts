/** Known accounts of a browser in which nothing that opens an account may stay. */
import type { SavedLogins } from './saved-logins.ts';

/**
 * The same list without kept logins, for an origin that other sites share. What an earlier version
 * kept is deleted when it is looked for.
 */
export function keepNoLogins(savedLogins: SavedLogins): SavedLogins {
  return {
    ...savedLogins,
    async list() {
      const accounts = await savedLogins.list();
      for (const account of accounts) if (account.staysSignedIn) await savedLogins.drop(account);
      return accounts.map((account) => ({ ...account, staysSignedIn: false }));
    },
    async keep({ username }, server) {
      const account = { username, ...(server === undefined ? {} : { server }) };
      await savedLogins.drop(account);
      await savedLogins.note(account);
    },
    load: async () => undefined,
  };
}
