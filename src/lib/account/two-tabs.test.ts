/** Two tabs of one browser on a server: what one changes, the other sees at its next look. */
import { beforeAll, expect, test } from 'vitest';
import { startCrypto } from '#lib/crypto/index.ts';
import { createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { Drive } from '#lib/drive/index.ts';
import { createHttpNode, handleRequest } from '#lib/node-http/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { createBlockCache, createLastingPointerMemory } from '#lib/writers/index.ts';
import { signUp } from './sign-up.ts';
import { cheapAlgorithm, createPlace, seededRandom } from './testing.ts';

beforeAll(() => startCrypto());

test('a pointer read a moment ago does not hide what another tab wrote since', async () => {
  const { node: server, clock } = createPlace('tabs');
  const options = { hosts: ['node.test'], isPublic: true, pageOrigins: [], clock };
  const { records } = createMemoryStores();
  const tab = (name: string) => {
    const random = seededRandom(name);
    const fetch = handleRequest(server, options);
    return {
      node: createHttpNode('http://node.test', { clock, random, fetch }),
      random,
      clock,
      pointerMemory: createLastingPointerMemory(records),
      blockCache: createBlockCache(1024 * 1024),
      cipher: createLocalChunkCipher(random),
    };
  };
  const [one, other] = [tab('one'), tab('other')];
  const account = { username: 'alice', password: 'tvQ7-mellow-garnet-94' };
  const { home } = await signUp(one, { ...account, algorithm: cheapAlgorithm() });
  const [here, there] = [new Drive(one, home), new Drive(other, home)];
  for (const name of ['a', 'b', 'c']) {
    await there.resolve([]);
    await here.makeDirectory(await here.home(), name);
    expect((await there.resolve([name])).name).toBe(name);
    await there.makeDirectory(await there.home(), `${name}2`);
    expect((await here.resolve([`${name}2`])).name).toBe(`${name}2`);
  }
});
