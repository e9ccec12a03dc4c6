import type { EngineCaller } from './engine-caller.ts';
import type { Client } from '../types.ts';
import { websiteAddress } from '../website-address.ts';

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
    async website(signal) {
      const site = await engine().call('website', [], { signal });
      const [username] = site.root ?? [];
      if (!site.isPublic || site.root === undefined || username === undefined) return site;
      const shown = await engine().call('publicAddress', [site.root]);
      const address = websiteAddress(username, shown);
      return address === undefined ? site : { ...site, address };
    },
    publishWebsite: (folder) => engine().call('publishWebsite', [folder]),
    unpublishWebsite: () => engine().call('unpublishWebsite', []),
    publicAddress: (path) => engine().call('publicAddress', [path]),
  } satisfies Partial<Client>;
}
