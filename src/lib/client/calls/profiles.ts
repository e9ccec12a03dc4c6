import type { EngineCaller } from './engine-caller.ts';
import type { Client } from '../types.ts';

/** Profiles, and what everybody may read. */
export function profileCalls(engine: EngineCaller) {
  return {
    ownProfile: (signal) => engine().call('ownProfile', [], { signal }),
    changeProfile: (texts) => engine().call('changeProfile', [texts]),
    changePhoto: (picture) => engine().call('changePhoto', [picture]),
    shareProfile: (fields, recipients) => engine().call('shareProfile', [fields, recipients]),
    unshareProfile: (field, recipients) => engine().call('unshareProfile', [field, recipients]),
    profileOf: (username, signal) => engine().call('profileOf', [username], { signal }),
    photoOf: (username, signal) => engine().call('photoOf', [username], { signal }),
    publish: (path) => engine().call('publish', [path]),
    unpublish: (path) => engine().call('unpublish', [path]),
    publicBy: (path, signal) => engine().call('publicBy', [path], { signal }),
    website: (signal) => engine().call('website', [], { signal }),
    publishWebsite: (folder) => engine().call('publishWebsite', [folder]),
    unpublishWebsite: () => engine().call('unpublishWebsite', []),
    publicAddress: (path) => engine().call('publicAddress', [path]),
  } satisfies Partial<Client>;
}
