/** “Make it certain”: contents are sealed anew at once, so that what a former reader kept is of no use. */
import { describe, expect, it } from 'vitest';
import { toHex } from '#lib/bytes/index.ts';
import { isDirty } from '#lib/cryptree/index.ts';
import { bytesSource, reseal, type Handle } from '#lib/drive/index.ts';
import { Killed, killedAt } from '#lib/account/testing.ts';
import { befriend, createTown, putText, seen, settle, type TestPerson } from '../testing.ts';
import type { Recipient } from './sharing.ts';

const bob: Recipient = { kind: 'person', username: 'bob' };
const FILES = { 'docs/inner/deep.txt': 'deep', 'docs/plan.txt': 'the plan' };

async function revoked() {
  const town = createTown();
  const [alice, friend] = [await settle(town, 'alice'), await settle(town, 'bob')];
  await befriend(alice, friend);
  for (const [path, text] of Object.entries(FILES)) await putText(alice, path.split('/'), text);
  const film = new Uint8Array(6_000_000).map((_, i) => i * 7);
  await alice.drive.upload(await alice.drive.home(), [
    { path: ['docs', 'film.bin'], source: bytesSource(film) },
  ]);
  await alice.sharing.share([['alice', 'docs']], [bob], 'read');
  await friend.mount();
  await alice.sharing.unshare(['alice', 'docs'], [bob], 'read');
  return { town, alice, film };
}

async function filesOf({ drive }: TestPerson): Promise<Handle[]> {
  const found: Handle[] = [];
  const walk = async (folder: Handle): Promise<void> => {
    for await (const rows of drive.list(folder)) {
      for (const row of rows) {
        const handle = await drive.open(folder, row);
        if (handle.isDirectory) await walk(handle);
        else found.push(handle);
      }
    }
  };
  await walk(await drive.resolve(['docs']));
  return found;
}

const keysOf = (files: readonly Handle[]): Set<string> =>
  new Set(files.map(({ node }) => toHex(node.dataKey!.bytes)));

describe('sealing contents anew after a revocation', () => {
  it('leaves nothing under a key the former reader may have kept, and the same contents', async () => {
    const { alice, film } = await revoked();
    const before = await filesOf(alice);
    expect(before.map(({ node }) => isDirty(node))).toEqual([true, true, true]);
    const told: number[] = [];
    const folder = await alice.drive.resolve(['docs']);
    const sealed = await reseal(alice.drive, folder, ({ files }) => told.push(files));
    expect(sealed).toMatchObject({ files: 3, leftOut: [] });
    expect(told.at(-1)).toBe(3);
    const after = await filesOf(alice.another());
    expect(after.map(({ node }) => isDirty(node))).toEqual([false, false, false]);
    const kept = keysOf(before);
    expect(kept.size).toBe(3);
    expect([...keysOf(after)].filter((key) => kept.has(key))).toEqual([]);
    const view = await seen(alice.another(), 'alice');
    expect(view).toMatchObject(FILES);
    const read: Uint8Array[] = [];
    const large = after.find(({ name }) => name === 'film.bin')!;
    for await (const piece of alice.drive.read(large)) read.push(piece.slice());
    expect(Buffer.concat(read).equals(Buffer.from(film))).toBe(true);
    expect(await reseal(alice.drive, await alice.drive.resolve(['docs']))).toMatchObject({
      files: 0,
    });
  });

  it('goes on where it was broken off, and loses nothing', { timeout: 120_000 }, async () => {
    const { town, alice, film } = await revoked();
    for (let step = 1; step < 200; step++) {
      const device = alice.onNode(killedAt(town.node, step));
      try {
        await reseal(device.drive, await device.drive.resolve(['docs']));
        break;
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
      }
    }
    const files = await filesOf(alice.another());
    expect(files.map(({ node }) => isDirty(node))).toEqual([false, false, false]);
    expect(files.map(({ properties }) => properties.sizeBytes).sort((a, b) => a - b)).toEqual([
      4,
      8,
      film.length,
    ]);
    expect(await seen(alice.another(), 'alice')).toMatchObject(FILES);
  });
});
