/** Mirror BATs over HTTP (B-1 §2.6), where users go by their names. */
import { toHex } from '#lib/bytes/index.ts';
import { asList } from '#lib/codec/index.ts';
import { BatWithId } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { NodeBats, NodeNames } from '#lib/node/index.ts';
import { PATHS, UnknownUser } from '#lib/protocol/index.ts';
import { readCbor } from './parse-response.ts';
import type { Transport } from './transport.ts';
import type { UsernameCache } from './username-cache.ts';

export interface BatsContext {
  readonly transport: Transport;
  readonly names: NodeNames;
  readonly usernameCache: UsernameCache;
}

export function createHttpBats({ transport, names, usernameCache }: BatsContext): NodeBats {
  const nameOf = async (owner: KeyHash): Promise<string> => {
    const name = usernameCache.nameOf(owner) ?? (await names.nameOf(owner));
    if (name === undefined) throw new UnknownUser('There is no such user here.');
    return name;
  };
  return {
    list: async (owner, auth) => {
      const { bytes } = await transport.call({
        path: PATHS.getUserBats,
        query: [
          ['username', await nameOf(owner)],
          ['auth', toHex(auth)],
        ],
      });
      const what = 'The mirror BATs';
      return readCbor(what, bytes, (value) =>
        asList(value, what).map((bat) => BatWithId.fromCbor(bat)),
      );
    },
    add: async (owner, bat, auth) => {
      await transport.call({
        path: PATHS.addBat,
        query: [
          ['username', await nameOf(owner)],
          ['batid', bat.id.toString()],
          ['bat', bat.bat.toSecretText()],
          ['auth', toHex(auth)],
        ],
      });
    },
  };
}
