import type { EngineCaller } from './engine-caller.ts';
import type { Client } from '../types.ts';

/** Friends, requests and the keys of people. */
export function peopleCalls(engine: EngineCaller) {
  return {
    people: (signal) => engine().call('people', [], { signal }),
    findPeople: (typed) => engine().call('findPeople', [typed]),
    requestFollow: (username) => engine().call('requestFollow', [username]),
    answerRequest: (username, answer) => engine().call('answerRequest', [username, answer]),
    blockPerson: (username) => engine().call('blockPerson', [username]),
    removeFollower: (username) => engine().call('removeFollower', [username]),
    unblockPerson: (username) => engine().call('unblockPerson', [username]),
    peopleGone: (signal) => engine().call('peopleGone', [], { signal }),
    handedOn: (signal) => engine().call('handedOn', [], { signal }),
    verification: (username, signal) => engine().call('verification', [username], { signal }),
    ownCode: (signal) => engine().call('ownCode', [], { signal }),
    meet: (username, code) => engine().call('meet', [username, code]),
    compareCode: (username, scanned) => engine().call('compareCode', [username, scanned]),
    markVerified: (username, isVerified) => engine().call('markVerified', [username, isVerified]),
    verifiedPeople: (signal) => engine().call('verifiedPeople', [], { signal }),
  } satisfies Partial<Client>;
}

/** Who has access to what. */
export function sharingCalls(engine: EngineCaller) {
  return {
    share: (ids, recipients, right) => engine().call('share', [ids, recipients, right]),
    unshare: (id, recipients, right) => engine().call('unshare', [id, recipients, right]),
    reseal: (id, onProgress, signal) =>
      engine().call('reseal', [id], { onProgress, ...(signal && { signal }) }),
    access: (id, signal) => engine().call('access', [id], { signal }),
    leave: (ids) => engine().call('leave', [ids]),
    sharingIn: (id, signal) => engine().call('sharingIn', [id], { signal }),
    sharedByMe: (signal) => engine().call('sharedByMe', [], { signal }),
  } satisfies Partial<Client>;
}
