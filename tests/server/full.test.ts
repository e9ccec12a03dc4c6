/** An account that has used up its space (B-5 §1): what is refused, and that deleting works. */
import { expect, test } from 'vitest';
import { systemRandom } from '#lib/crypto/index.ts';
import { bytesSource } from '#lib/drive/index.ts';
import { QuotaExceeded, RateLimited } from '#lib/protocol/index.ts';
import { put, signUpAt, type Client } from './client.ts';
import { startNode } from './temp-nodes.ts';

/** A list of so many is no longer part of its folder's own block. */
const FILES = 150;

async function remove(alice: Client, name: string): Promise<void> {
  const home = await alice.drive.resolve([]);
  const entry = await alice.drive.find(home, name);
  await alice.drive.remove(home, [entry!]);
}

test('files of a large folder can be deleted from an account that is full', async () => {
  const { url, node } = await startNode();
  const alice = await signUpAt(url, 'alice');
  const names = Array.from({ length: FILES }, (_, n) => `one of many files ${String(n)}`);
  const items = names.map((name) => ({ path: [name], source: bytesSource(Uint8Array.of(1)) }));
  await alice.drive.upload(await alice.drive.resolve([]), items);
  await put(alice, 'large', systemRandom(3_000_000));
  const { usedBytes } = await node.operator.usage('alice');
  await node.operator.setQuota('alice', usedBytes);
  await expect(put(alice, 'more', systemRandom(400_000))).rejects.toBeInstanceOf(QuotaExceeded);
  for (const name of names.slice(0, 3)) await remove(alice, name);
  await remove(alice, 'large');
  await put(alice, 'more', systemRandom(400_000));
}, 60_000);

test('files can be deleted on a day on which all that may be uploaded was', async () => {
  const { url } = await startNode({ uploadLimitBytes: 2_000_000 });
  const alice = await signUpAt(url, 'alice');
  await put(alice, 'small', systemRandom(10_000));
  const fillTheDay = async (): Promise<void> => {
    for (let n = 0; ; n++) {
      await put(alice, `again ${String(n)}`, systemRandom(400_000));
      await remove(alice, `again ${String(n)}`);
    }
  };
  await expect(fillTheDay()).rejects.toBeInstanceOf(RateLimited);
  await remove(alice, 'small');
}, 60_000);
