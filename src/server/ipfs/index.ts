/** Public blocks on IPFS, by a Kubo beside this node. */
import type { FetchPublic } from '#lib/forwarding/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import type { Log } from '../observe/log.ts';
import { fetchPublicFrom } from './fetch-public.ts';
import { Kubo } from './kubo.ts';
import { publicBlocks } from './public-blocks.ts';
import type { PublicBlocksDeps } from './public-blocks.ts';
import { shareRegularly } from './share-public-blocks.ts';

export interface IpfsDeps extends PublicBlocksDeps {
  readonly records: RecordStore;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly log: Log;
}

export interface Ipfs {
  /** For blocks whose home is away. */
  readonly fetchPublic: FetchPublic;
  /** Begins to share what is public here; answers how to end that. */
  share(): () => Promise<void>;
}

/** By the Kubo whose RPC API this is. */
export function openIpfs(api: string, deps: IpfsDeps): Ipfs {
  const kubo = new Kubo(api);
  return {
    fetchPublic: fetchPublicFrom(kubo),
    share: () => shareRegularly({ ...deps, kubo, blocks: publicBlocks(deps) }),
  };
}
