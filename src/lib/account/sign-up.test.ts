import { beforeAll, describe, expect, test } from 'vitest';
import { encodeCbor } from '#lib/codec/index.ts';
import { isWorkDone, startCrypto } from '#lib/crypto/index.ts';
import { type SignUpRequest } from '#lib/node/index.ts';
import { RateLimited, WorkRequired } from '#lib/protocol/index.ts';
import { signUp } from './sign-up.ts';
import { cheapAlgorithm, createPlace } from './testing.ts';

beforeAll(() => startCrypto());

/** A place whose node requires work of these difficulties one after the other, and then none. */
function requiringWork(...difficulties: number[]) {
  const place = createPlace('work');
  const seen: SignUpRequest[] = [];
  const accounts = {
    ...place.node.accounts,
    signUp: async (request: SignUpRequest) => {
      seen.push(request);
      const difficultyBits = difficulties.shift();
      if (difficultyBits !== undefined) throw new WorkRequired(difficultyBits);
      await place.node.accounts.signUp(request);
    },
  };
  const account = {
    username: 'alice',
    password: 'tvQ7-mellow-garnet-94',
    algorithm: cheapAlgorithm(),
    token: 'a token',
  };
  return { deps: { ...place, node: { ...place.node, accounts } }, seen, account };
}

describe('sign-up', () => {
  test('offers no work first, does what is asked for once, and shows its token', async () => {
    const { deps, seen, account } = requiringWork(9);
    await signUp(deps, account);
    expect(seen.map(({ token }) => token)).toEqual(['a token', 'a token']);
    expect(seen[0]?.work.prefix).toEqual(new Uint8Array(8));
    const [, second] = seen;
    expect(isWorkDone(second!.work.prefix, encodeCbor(second!.chain), 9)).toBe(true);
    expect(second?.chain).toEqual(seen[0]?.chain);
  });

  test('takes a second request for work as overload', async () => {
    const { deps, seen, account } = requiringWork(3, 5);
    await expect(signUp(deps, account)).rejects.toBeInstanceOf(RateLimited);
    expect(seen).toHaveLength(2);
  });

  test('stops working when it is told to', async () => {
    const { deps, account } = requiringWork(250);
    const stop = new AbortController();
    const signing = signUp(deps, account, stop.signal);
    setTimeout(() => stop.abort(), 1500);
    await expect(signing).rejects.toThrow('abort');
  });
});
