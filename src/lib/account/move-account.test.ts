/** A move that dies anywhere, is taken up again, meets changes, or must not happen. */
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeBlock } from '#lib/codec/index.ts';
import { createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { startCrypto } from '#lib/crypto/index.ts';
import { bytesSource, Drive, type DriveDeps } from '#lib/drive/index.ts';
import { removeMovedAccount } from '#lib/node-local/index.ts';
import { type StorageNode } from '#lib/node/index.ts';
import { claimChainFromCbor } from '#lib/protocol/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { createPointerMemory } from '#lib/writers/index.ts';
import { changePassword } from './change-password.ts';
import { moveAccount } from './move-account.ts';
import { signIn } from './sign-in.ts';
import { signUp } from './sign-up.ts';
import { cheapAlgorithm, createPlace, Killed, killedAt, seededRandom } from './testing.ts';
import type { TestPlace } from './testing.ts';

const NEMO = { username: 'nemo', password: 'twenty thousand leagues' };
/** Passwords cost time even at the least cost: the way is tried at this many places. */
const PARTS = 5;
const SLOW = { timeout: 120_000 };
const TEXT = new TextEncoder().encode('below the sea');

beforeAll(async () => void (await startCrypto()));

/** A device of the person at some node; it has seen nothing before. */
function deviceAt(place: TestPlace, node: StorageNode = place.node): DriveDeps {
  const random = seededRandom('device');
  const pointerMemory = createPointerMemory();
  return { ...place, node, pointerMemory, cipher: createLocalChunkCipher(random) };
}

/** An old node with an account, and a new node without accounts. */
async function createPlaces() {
  const oldPlace = createPlace('old');
  await signUp(deviceAt(oldPlace), { ...NEMO, algorithm: cheapAlgorithm() });
  const drive = await driveAt(oldPlace);
  const item = { path: ['folder', 'note.txt'], source: bytesSource(TEXT) };
  await drive.upload(await drive.home(), [item]);
  return { oldPlace, newPlace: createPlace('new', { stores: createMemoryStores() }) };
}

async function driveAt(place: TestPlace): Promise<Drive> {
  const device = deviceAt(place);
  return new Drive(device, (await signIn(device, NEMO)).home);
}

async function namesAt(place: TestPlace): Promise<string[]> {
  const drive = await driveAt(place);
  const names: string[] = [];
  for await (const batch of drive.list(await drive.home())) {
    names.push(...batch.map(({ name }) => name));
  }
  return names.filter((name) => !name.startsWith('.') && name !== 'shared').sort();
}

async function isHome(place: TestPlace, home: TestPlace): Promise<boolean> {
  const chain = claimChainFromCbor(decodeBlock(await place.node.names.chain(NEMO.username)));
  const id = await home.node.blocks.nodeId();
  return chain.at(-1)?.claim.storageProviders[0]?.equals(id) === true;
}

describe('a move', () => {
  it(
    'that dies on the way leaves the account where it was, and is taken up again',
    SLOW,
    async () => {
      const { oldPlace, newPlace } = await createPlaces();
      const counter = { calls: 0 };
      const counting = deviceAt(newPlace, killedAt(newPlace.node, Infinity, counter));
      await moveAccount(deviceAt(oldPlace), counting, NEMO);
      expect(counter.calls).toBeGreaterThan(10);
      for (let part = 0; part <= PARTS; part++) {
        const at = 1 + Math.round((part * (counter.calls - 1)) / PARTS);
        const places = await createPlaces();
        const dying = deviceAt(places.newPlace, killedAt(places.newPlace.node, at));
        const move = moveAccount(deviceAt(places.oldPlace), dying, NEMO);
        await expect(move, `call ${at}`).rejects.toBeInstanceOf(Killed);
        expect(await isHome(places.oldPlace, places.oldPlace)).toBe(true);
        const drive = await driveAt(places.oldPlace);
        await drive.makeDirectory(await drive.home(), 'meanwhile');
        await moveAccount(deviceAt(places.oldPlace), deviceAt(places.newPlace), NEMO);
        expect(await namesAt(places.newPlace)).toEqual(['folder', 'meanwhile']);
        expect(await isHome(places.oldPlace, places.newPlace)).toBe(true);
      }
    },
  );

  it('that is taken up again sends no large block that is there', SLOW, async () => {
    const { oldPlace, newPlace } = await createPlaces();
    const drive = await driveAt(oldPlace);
    const large = { path: ['large'], source: bytesSource(new Uint8Array(3_000_000)) };
    await drive.upload(await drive.home(), [large]);
    const sent: number[] = [];
    const { node } = newPlace;
    const put: StorageNode['blocks']['put'] = (owner, writer, blocks, ...rest) => {
      sent.push(...blocks.map(({ bytes }) => bytes.length));
      return node.blocks.put(owner, writer, blocks, ...rest);
    };
    const watched = { ...node, blocks: { ...node.blocks, put } };
    const setMany = () => Promise.reject(new Killed());
    const dying = { ...watched, pointers: { ...node.pointers, setMany } };
    const move = moveAccount(deviceAt(oldPlace), deviceAt(newPlace, dying), NEMO);
    await expect(move).rejects.toBeInstanceOf(Killed);
    const largeSent = () => sent.filter((length) => length > 100_000).length;
    expect(largeSent()).toBe(3);
    await moveAccount(deviceAt(oldPlace), deviceAt(newPlace, watched), NEMO);
    expect(largeSent()).toBe(3);
    expect(await namesAt(newPlace)).toEqual(['folder', 'large']);
  });

  it('opens with a password that was changed before it was taken up again', SLOW, async () => {
    const { oldPlace, newPlace } = await createPlaces();
    const setMany = () => Promise.reject(new Killed());
    const { node } = newPlace;
    const dying = { ...node, pointers: { ...node.pointers, setMany } };
    const move = moveAccount(deviceAt(oldPlace), deviceAt(newPlace, dying), NEMO);
    await expect(move).rejects.toBeInstanceOf(Killed);
    const newPassword = 'eighty days around the world';
    const change = { username: NEMO.username, oldPassword: NEMO.password, newPassword };
    await changePassword(deviceAt(oldPlace), change);
    const changed = { ...NEMO, password: newPassword };
    const session = await moveAccount(deviceAt(oldPlace), deviceAt(newPlace), changed);
    expect(session.username).toBe(NEMO.username);
  });

  it('takes along what is added while it copies', async () => {
    const { oldPlace, newPlace } = await createPlaces();
    const drive = await driveAt(oldPlace);
    let hasAdded = false;
    const { node } = newPlace;
    const setMany: StorageNode['pointers']['setMany'] = async (...update) => {
      if (!hasAdded) await drive.makeDirectory(await drive.home(), 'added');
      hasAdded = true;
      return node.pointers.setMany(...update);
    };
    const slow = { ...node, pointers: { ...node.pointers, setMany } };
    await moveAccount(deviceAt(oldPlace), deviceAt(newPlace, slow), NEMO);
    expect(await namesAt(newPlace)).toEqual(['added', 'folder']);
  });

  it('does not overwrite what was made at the new place', async () => {
    const { oldPlace, newPlace } = await createPlaces();
    const names = { ...oldPlace.node.names, updateChain: () => Promise.reject(new Killed()) };
    const unreachable = deviceAt(oldPlace, { ...oldPlace.node, names });
    await expect(moveAccount(unreachable, deviceAt(newPlace), NEMO)).rejects.toThrow(Killed);
    const drive = await driveAt(newPlace);
    await drive.makeDirectory(await drive.home(), 'made there');
    const again = moveAccount(deviceAt(oldPlace), deviceAt(newPlace), NEMO);
    await expect(again).rejects.toMatchObject({ name: 'MoveRefused' });
    expect(await namesAt(newPlace)).toEqual(['folder', 'made there']);
    expect(await isHome(oldPlace, oldPlace)).toBe(true);
  });

  it('is refused when the new place keeps something else than it was sent', async () => {
    const { oldPlace, newPlace } = await createPlaces();
    const { node } = newPlace;
    const lying: StorageNode = {
      ...node,
      blocks: {
        ...node.blocks,
        get: async (owner, cid, bat, signal) => {
          const block = await node.blocks.get(owner, cid, bat, signal);
          if (block !== undefined && block.length > 2000) block[1000]! ^= 1;
          return block;
        },
      },
    };
    const move = moveAccount(deviceAt(oldPlace), deviceAt(newPlace, lying), NEMO);
    await expect(move).rejects.toMatchObject({ name: 'DamagedBlock' });
    expect(await isHome(oldPlace, oldPlace)).toBe(true);
  });

  it('is refused where the name belongs to somebody else', async () => {
    const { oldPlace, newPlace } = await createPlaces();
    await signUp(deviceAt(newPlace), { ...NEMO, algorithm: cheapAlgorithm() });
    const move = moveAccount(deviceAt(oldPlace), deviceAt(newPlace), NEMO);
    await expect(move).rejects.toMatchObject({ name: 'MoveRefused' });
  });

  it('leaves data behind until they are forgotten, and then the name is free', async () => {
    const { oldPlace, newPlace } = await createPlaces();
    const deps = { ...oldPlace.stores, clock: oldPlace.clock, random: oldPlace.random };
    await expect(removeMovedAccount(deps, NEMO.username)).rejects.toThrow('home here');
    await moveAccount(deviceAt(oldPlace), deviceAt(newPlace), NEMO);
    expect(await oldPlace.node.storedBytes()).toBeGreaterThan(10_000);
    const back = moveAccount(deviceAt(newPlace), deviceAt(oldPlace), NEMO);
    await expect(back).rejects.toMatchObject({ name: 'MoveRefused' });
    const home = await removeMovedAccount(deps, NEMO.username);
    expect(home.equals(await newPlace.node.blocks.nodeId())).toBe(true);
    expect(await oldPlace.node.storedBytes()).toBe(0);
    expect(await oldPlace.node.names.usernames()).toEqual([]);
    await moveAccount(deviceAt(newPlace), deviceAt(oldPlace), NEMO);
    expect(await namesAt(oldPlace)).toEqual(['folder']);
  });

  it('ends when it is aborted', async () => {
    const { oldPlace, newPlace } = await createPlaces();
    const abort = new AbortController();
    const options = { signal: abort.signal, onProgress: () => abort.abort() };
    const move = moveAccount(deviceAt(oldPlace), deviceAt(newPlace), NEMO, options);
    await expect(move).rejects.toMatchObject({ name: 'AbortError' });
    expect(await isHome(oldPlace, oldPlace)).toBe(true);
  });
});
