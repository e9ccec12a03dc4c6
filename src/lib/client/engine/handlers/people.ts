import type { Accounts } from '../session/accounts.ts';
import type { EngineProtocol } from '../../engine-protocol.ts';
import type { Handlers } from '#lib/rpc/index.ts';

/** Friends, requests and the keys of people. */
export function peopleHandlers(accounts: Accounts) {
  return {
    people: ({ signal }) => accounts.current.people.state(signal),
    findPeople: (_context, text) => accounts.current.people.find(text),
    requestFollow: ({ signal }, username) => accounts.current.people.request(username, signal),
    answerRequest: ({ signal }, username, answer) =>
      accounts.current.people.answer(username, answer, signal),
    blockPerson: (_context, username) => accounts.current.people.block(username),
    removeFollower: (_context, username) => accounts.current.people.removeFollower(username),
    unblockPerson: (_context, username) => accounts.current.people.unblock(username),
    peopleGone: ({ signal }) => accounts.current.people.gone(signal),
    handedOn: ({ signal }) => accounts.current.people.handedOn(signal),
    verification: ({ signal }, username) =>
      accounts.current.people.verification.of(username, signal),
    ownCode: ({ signal }) => accounts.current.people.ownCode(signal),
    meet: ({ signal }, username, code) => accounts.current.people.meet(username, code, signal),
    compareCode: ({ signal }, username, scanned) =>
      accounts.current.people.verification.compare(username, scanned, signal),
    markVerified: ({ signal }, username, isVerified) =>
      accounts.current.people.verification.mark(username, isVerified, signal),
    verifiedPeople: ({ signal }) => accounts.current.people.verified(signal),
  } satisfies Partial<Handlers<EngineProtocol>>;
}

/** Who has access to what. */
export function sharingHandlers(accounts: Accounts) {
  return {
    share: ({ signal }, ids, recipients, right) =>
      accounts.current.people.share(ids, recipients, right, signal),
    unshare: ({ signal }, id, recipients, right) =>
      accounts.current.people.unshare(id, recipients, right, signal),
    reseal: ({ signal, progress }, id) => accounts.current.people.reseal(id, progress, signal),
    access: ({ signal }, id) => accounts.current.people.access.of(id, signal),
    leave({ signal }, ids) {
      const { people, folders } = accounts.current;
      return people.leave(folders.groups(ids), signal);
    },
    sharingIn: ({ signal }, id) => accounts.current.people.access.inFolder(id, signal),
    sharedByMe: ({ signal }) => accounts.current.people.access.byMe(signal),
  } satisfies Partial<Handlers<EngineProtocol>>;
}
