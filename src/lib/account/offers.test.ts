/**
 * What our server offers beyond the protocol is kept for what it saves: each offer, against the same
 * server that does not make it.
 */
import { beforeAll, expect, test } from 'vitest';
import { startCrypto } from '#lib/crypto/index.ts';
import { createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { bytesSource, Drive } from '#lib/drive/index.ts';
import { createHttpNode, handleRequest } from '#lib/node-http/index.ts';
import { createBlockCache, createPointerMemory } from '#lib/writers/index.ts';
import { signIn } from './sign-in.ts';
import { signUp } from './sign-up.ts';
import { cheapAlgorithm, createPlace, seededRandom, type TestPlace } from './testing.ts';

const OFFERS_HEADER = 'Node-Offers';
const ACCOUNT = { username: 'alice', password: 'tvQ7-mellow-garnet-94' };
const FILE_BYTES = 4_500_000;
const time = { nowMs: 1_795_423_041_900 };

beforeAll(() => startCrypto());

/** A device whose server does not make an offer, or makes none known. */
function deviceAt(place: TestPlace, isMade: (offer: string) => boolean | undefined) {
  const requests: string[] = [];
  const random = seededRandom('device');
  const clock = () => time.nowMs;
  const about = { hosts: ['node.test'], isPublic: true, pageOrigins: [], clock };
  const handle = handleRequest(place.node, about);
  const fetch = async (request: Request): Promise<Response> => {
    requests.push(new URL(request.url).pathname);
    const answer = await handle(request);
    const offers = answer.headers.get(OFFERS_HEADER)?.split(' ') ?? [];
    expect(offers, 'the server speaks of its offers').not.toEqual([]);
    const kept = offers.filter((offer) => isMade(offer) === true);
    if (offers.some((offer) => isMade(offer) === undefined)) answer.headers.delete(OFFERS_HEADER);
    else answer.headers.set(OFFERS_HEADER, kept.join(' '));
    return answer;
  };
  const deps = {
    node: createHttpNode('http://node.test', { clock, random, fetch }),
    random,
    clock,
    pointerMemory: createPointerMemory(),
    blockCache: createBlockCache(24 * 1024 * 1024),
    cipher: createLocalChunkCipher(random),
  };
  return { deps, requests };
}

type Walk = 'sign-in' | 'upload' | 'download';

/** The requests of one walk, by the last part of their path. */
async function requestsOf(walk: Walk, isMade: (offer: string) => boolean | undefined) {
  time.nowMs += 60_000;
  const place = createPlace('offers', { clock: () => time.nowMs });
  const upload = async (drive: Drive, name: string): Promise<void> => {
    const source = bytesSource(new Uint8Array(FILE_BYTES).fill(7));
    await drive.upload(await drive.home(), [{ path: [name], source }]);
  };
  const first = deviceAt(place, () => true);
  const made = await signUp(first.deps, { ...ACCOUNT, algorithm: cheapAlgorithm() });
  await upload(new Drive(first.deps, made.home), 'old');
  const { deps, requests } = deviceAt(place, isMade);
  const signingIn = signIn(deps, ACCOUNT);
  if (walk === 'sign-in') {
    await signingIn;
    return requests;
  }
  const drive = new Drive(deps, (await signingIn).home);
  const file = await drive.resolve(['old']);
  requests.length = 0;
  if (walk === 'upload') await upload(drive, 'new');
  else for await (const piece of drive.read(file)) expect(piece.length).toBeGreaterThan(0);
  return requests;
}

test.each([
  ['block-bulk', 'download', 3],
  ['pointer-block', 'sign-in', 1],
  ['own-transactions', 'upload', 1],
] as const)(
  'the offer "%s" saves the walk "%s" at least %i requests',
  async (offer, walk, saved) => {
    const all = await requestsOf(walk, () => true);
    const without = await requestsOf(walk, (one) => one !== offer);
    expect(
      without.length - all.length,
      `${all.join(' ')}\n${without.join(' ')}`,
    ).toBeGreaterThanOrEqual(saved);
  },
);

test('a server that speaks of its offers is not asked for an object store that it does not have', async () => {
  const all = await requestsOf('download', () => true);
  const unknown = await requestsOf('download', () => undefined);
  const asks = (requests: readonly string[]) =>
    requests.filter((path) => path.includes('blockstore')).length;
  expect([asks(all), asks(unknown)]).toEqual([0, 1]);
});
