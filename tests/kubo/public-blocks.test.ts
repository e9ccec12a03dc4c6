/** Public blocks by bitswap: a Kubo that this server supplies, and another one that asks it. */
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { CODEC, encodeCbor } from '#lib/codec/index.ts';
import { Bat, hashBlockNow, rawBlockPrefix, startCrypto } from '#lib/crypto/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { fetchPublicFrom } from '../../src/server/ipfs/fetch-public.ts';
import { Kubo as Sidecar } from '../../src/server/ipfs/kubo.ts';
import { publicBlocks } from '../../src/server/ipfs/public-blocks.ts';
import { sharePublicBlocks } from '../../src/server/ipfs/share-public-blocks.ts';
import { createLog } from '../../src/server/observe/log.ts';
import { Kubo } from './kubo.ts';

const NOT_FOUND_WITHIN_MS = 3_000;

beforeAll(() => startCrypto());

async function startKubo(): Promise<Kubo> {
  const kubo = await Kubo.start();
  onTestFinished(() => kubo.stop());
  return kubo;
}

test('a peer gets public blocks, none that has BATs under any name, and none any more later', async () => {
  const [ours, peer] = [await startKubo(), await startKubo()];
  await peer.connect(ours.addresses[0] ?? '');
  const batIds = [new Bat(new Uint8Array(32).fill(3)).withId().id];
  const plain = encodeCbor('of the registry');
  const image = new Uint8Array(100_000).fill(5);
  const secret = encodeCbor(new Map([['bats', batIds.map((it) => it.bytes)]]));
  const secretRaw = Uint8Array.from([...rawBlockPrefix(batIds as never), ...image]);
  const named: (readonly [Uint8Array, number])[] = [
    [plain, CODEC.dagCbor],
    [image, CODEC.raw],
    [secret, CODEC.dagCbor],
    [secretRaw, CODEC.raw],
  ];
  const cids = named.map(([bytes, codec]) => hashBlockNow(bytes, codec));
  const root = encodeCbor(cids);
  const stored = new Map(named.map(([bytes], i) => [cids[i]!.toString(), bytes]));
  let rootNow = root;
  const blocks = publicBlocks({
    node: { names: { usernames: async () => [] } } as never,
    registry: {
      state: async () => ({ root: hashBlockNow(rootNow, CODEC.dagCbor) }) as never,
      block: async (cid) =>
        cid.equals(hashBlockNow(rootNow, CODEC.dagCbor)) ? rootNow : stored.get(cid.toString()),
    },
  });
  const { records } = createMemoryStores();
  const log = createLog('error', () => undefined);
  const kubo = new Sidecar(ours.rpc.origin);
  const share = () =>
    sharePublicBlocks(
      { blocks, kubo, records, clock: Date.now, log },
      false,
      new AbortController().signal,
    );
  expect(await share()).toEqual({ blocks: 3, given: 3, removed: 0 });

  const asking = new Sidecar(peer.rpc.origin);
  const fetchPublic = fetchPublicFrom(asking);
  expect(await fetchPublic(cids[0]!)).toEqual(plain);
  expect(await fetchPublic(cids[1]!)).toEqual(image);
  for (const bytes of [secret, secretRaw]) {
    for (const codec of [CODEC.raw, CODEC.dagCbor, CODEC.dagPb]) {
      const got = asking.get(hashBlockNow(bytes, codec), NOT_FOUND_WITHIN_MS);
      await expect(got).rejects.toHaveProperty('name', 'KuboFailed');
    }
  }

  rootNow = encodeCbor([]);
  expect(await share()).toEqual({ blocks: 1, given: 1, removed: 3 });
  expect(ours.command('pin', 'ls', '--type=direct', '-q').trim().split('\n')).toHaveLength(1);
  const late = await startKubo();
  await late.connect(ours.addresses[0] ?? '');
  const gone = new Sidecar(late.rpc.origin).get(cids[1]!, NOT_FOUND_WITHIN_MS);
  await expect(gone).rejects.toHaveProperty('name', 'KuboFailed');
}, 120_000);
