/** What other clients wrote, read by ours: the values are those the reference client saw. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCar } from '#lib/car/index.ts';
import { CODEC, decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import { verifyBlock } from '#lib/crypto/index.ts';
import { deviceOn, loadSet, readTree, signInTo, type Row } from '../../scripts/interop-read.ts';
import { setFolders, setUsers } from './sets.ts';

describe.each(setUsers)('$username of $folder', ({ folder, username, password, expected }) => {
  it('sees what the reference client saw, and no damage', { timeout: 120_000 }, async () => {
    const damage: string[] = [];
    const set = await loadSet(folder, username, (sentence) => damage.push(sentence));
    const device = deviceOn(set);
    const session = await signInTo(set, device, password);
    const rows: Row[] = [];
    for await (const row of readTree(device, session, (it) => damage.push(it))) rows.push(row);
    expect(damage).toEqual([]);
    expect(rows).toEqual(expected);
  });

  it('does not open with another password', async () => {
    const set = await loadSet(folder, username, () => undefined);
    await expect(signInTo(set, deviceOn(set), `${password} `)).rejects.toThrow(
      'Wrong user name or password.',
    );
  });
});

describe.each(setFolders)('every block of %s', (folder) => {
  it('belongs to its CID, and is written byte by byte as it was', async () => {
    const car = await readCar(createReadStream(join(folder, 'blocks.car')));
    let structures = 0;
    for await (const { cid, bytes } of car.blocks) {
      await verifyBlock(cid, bytes);
      if (cid.codec !== CODEC.dagCbor) continue;
      structures++;
      expect(Buffer.compare(encodeCbor(decodeBlock(bytes)), bytes), cid.toString()).toBe(0);
    }
    expect(structures).toBeGreaterThan(100);
  });
});
