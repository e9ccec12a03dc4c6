/** The list of names that this device keeps. */
import { expect, it } from 'vitest';
import { cborMap, encodeCbor } from '#lib/codec/index.ts';
import { systemRandom } from '#lib/crypto/index.ts';
import type { NodeNames, StorageNode } from '#lib/node/index.ts';
import { NodeUnreachable } from '#lib/protocol/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { createCachingNode } from './caching-node.ts';

/** A node with names, of which it is asked with a tag; each session begins with nothing in memory. */
function device() {
  const stores = createMemoryStores();
  const far = { names: ['bob', 'carol'], tag: '"1"' as string | undefined, isUp: true };
  const asked: (string | undefined)[] = [];
  const names: Partial<NodeNames> = {
    usernames: () => Promise.reject(new Error('asked without a tag')),
    usernamesUnless: (tag) => {
      asked.push(tag);
      if (!far.isUp) return Promise.reject(new NodeUnreachable('away'));
      const isSame = tag !== undefined && tag === far.tag;
      return Promise.resolve(isSame ? undefined : { names: far.names, tag: far.tag });
    },
  };
  const session = () =>
    createCachingNode({ names, blocks: {}, pointers: {} } as unknown as StorageNode, {
      ...stores,
      clock: () => 1,
      namesMaxBytes: 1_000,
    });
  return { stores, far, asked, session, list: () => session().names.usernames() };
}

it('is asked for by its tag in the next session, and fetched when it has changed', async () => {
  const { far, asked, list } = device();
  expect(await list()).toEqual(['bob', 'carol']);
  far.names = ['never', 'seen'];
  expect(await list()).toEqual(['bob', 'carol']);
  far.tag = '"2"';
  expect(await list()).toEqual(['never', 'seen']);
  expect(asked).toEqual([undefined, '"1"', '"1"']);
});

it('is shown while the node is away, and gone with all that is kept', async () => {
  const { far, session, list } = device();
  await list();
  far.isUp = false;
  expect(await list()).toEqual(['bob', 'carol']);
  await session().clear();
  await expect(list()).rejects.toBeInstanceOf(NodeUnreachable);
});

it('is fetched anew where what is kept is damaged or has no tag', async () => {
  const { stores, far, asked, list } = device();
  await list();
  const value = encodeCbor(
    cborMap([
      ['t', '"1"'],
      ['z', new Uint8Array(9)],
    ]),
  );
  await stores.records.apply({ writes: [{ table: 'cache-names', key: 'list', value }] });
  expect(await list()).toEqual(['bob', 'carol']);
  far.tag = undefined;
  expect(await list()).toEqual(['bob', 'carol']);
  expect(await list()).toEqual(['bob', 'carol']);
  expect(asked).toEqual([undefined, undefined, '"1"', undefined]);
});

it('is not kept where it is larger than a device should hold', async () => {
  const { far, asked, list } = device();
  // What gzip can do nothing about.
  far.names = [Buffer.from(systemRandom(2_000)).toString('base64')];
  expect(await list()).toHaveLength(1);
  await list();
  expect(asked).toEqual([undefined, undefined]);
});
