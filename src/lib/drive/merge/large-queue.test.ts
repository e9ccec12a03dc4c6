/** A file of 50 MiB stored without a network is pending as a whole, and is sent later. */
import { expect, test } from 'vitest';
import { equalBytes } from '#lib/bytes/index.ts';
import { bytesSource } from '../index.ts';
import { createTestDrive } from '../testing.ts';
import { createDevice } from './testing.ts';

test('a file of 50 MiB is pending, and is sent later', { timeout: 120_000 }, async () => {
  const it = await createTestDrive({ seed: 5 });
  const away = createDevice(it, { seed: 6, chunkBytes: 5 * 1024 * 1024 });
  await away.drive.home();
  away.line.isUp = false;
  const content = new Uint8Array(50 * 1024 * 1024);
  content.fill(7, 1_000_000, 49_000_000);
  const source = bytesSource(content);
  await away.drive.upload(await away.drive.home(), [{ path: ['large'], source }]);
  away.line.isUp = true;
  expect(await away.send()).toMatchObject({ isWhole: true });
  const { drive } = createDevice(it, { seed: 7, chunkBytes: 5 * 1024 * 1024 });
  const root = await drive.home();
  const file = await drive.open(root, (await drive.find(root, 'large'))!);
  let at = 0;
  for await (const piece of drive.read(file)) {
    expect(equalBytes(content.subarray(at, at + piece.length), piece)).toBe(true);
    at += piece.length;
  }
  expect(at).toBe(content.length);
});
