/** Names and chains of a remote node, recalled while it is away. Who asks verifies the chains. */
import { asBytes, asText, decodeCbor } from '#lib/codec/index.ts';
import { asKeyHash } from '#lib/crypto/index.ts';
import type { NodeNames } from '#lib/node/index.ts';
import { listedNames } from './kept-name-list.ts';
import type { ListedNamesDeps } from './kept-name-list.ts';

export function cachedNames(deps: ListedNamesDeps): NodeNames {
  const { remote, kept, reachability } = deps;
  return {
    publicKey: (name, signal) =>
      reachability.askOrRecall(
        async () => {
          const identity = await remote.publicKey(name, signal);
          await kept.set('cache-names', `identity/${name}`, identity);
          return identity;
        },
        async () => {
          const known = await kept.get('cache-names', `identity/${name}`, (value) =>
            asKeyHash(value, 'A kept identity'),
          );
          return known && { known };
        },
      ),
    nameOf: (identity) =>
      reachability.askOrRecall(
        async () => {
          const name = await remote.nameOf(identity);
          await kept.set('cache-names', `name/${identity.toString()}`, name);
          return name;
        },
        async () => {
          const known = await kept.get('cache-names', `name/${identity.toString()}`, (value) =>
            asText(value, 'A kept name'),
          );
          return known === undefined ? undefined : { known };
        },
      ),
    chain: (name, signal) =>
      reachability.askOrRecall(
        async () => {
          const chain = await remote.chain(name, signal);
          await kept.set('cache-chains', name, chain);
          return chain;
        },
        async () => {
          const known = await kept.get('cache-chains', name, (value) => {
            const chain = asBytes(value, 'A kept chain');
            decodeCbor(chain);
            return chain;
          });
          return known && { known };
        },
      ),
    usernames: () => listedNames(deps),
    updateChain: async (...asked) => {
      await reachability.ask(() => remote.updateChain(...asked));
      await kept.set('cache-chains', asked[0], undefined);
    },
    migrate: (...asked) => reachability.ask(() => remote.migrate(...asked)),
  };
}
