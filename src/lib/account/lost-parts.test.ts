/** An account of which blocks are lost is not taken along in silence: what is hit is named. */
import { beforeAll, describe, expect, it } from 'vitest';
import { startCrypto } from '#lib/crypto/index.ts';
import { createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { bytesSource, Drive, type DriveDeps } from '#lib/drive/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { createPointerMemory } from '#lib/writers/index.ts';
import { exportOwnAccount } from './export-account.ts';
import { moveAccount } from './move-account.ts';
import { signIn } from './sign-in.ts';
import { signUp } from './sign-up.ts';
import {
  cheapAlgorithm,
  createPlace,
  losingLargest,
  seededRandom,
  type TestPlace,
} from './testing.ts';

const NEMO = { username: 'nemo', password: 'twenty thousand leagues' };

beforeAll(async () => void (await startCrypto()));

/** A device of the person; it has seen nothing before. */
function deviceAt(place: TestPlace): DriveDeps {
  const cipher = createLocalChunkCipher(seededRandom('device'));
  return { ...place, pointerMemory: createPointerMemory(), cipher };
}

async function driveAt(place: TestPlace): Promise<Drive> {
  const device = deviceAt(place);
  return new Drive(device, (await signIn(device, NEMO)).home);
}

/** Three files, of which one has lost a fragment and one its node. */
async function createDamaged(): Promise<TestPlace> {
  const place = createPlace('old');
  await signUp(deviceAt(place), { ...NEMO, algorithm: cheapAlgorithm() });
  const drive = await driveAt(place);
  const put = async (path: readonly string[], bytes: number) => {
    const source = bytesSource(new Uint8Array(bytes).fill(path.length));
    await drive.upload(await drive.home(), [{ path, source }]);
  };
  await put(['films', 'whole'], 200_000);
  await losingLargest(place, () => put(['films', 'old', 'film'], 200_000));
  await put(['note'], 10);
  const { node } = await drive.resolve(['note']);
  const [lost] = (await place.stores.blocks.list('')).filter(({ key }) =>
    key.endsWith(node.cid.toString()),
  );
  await place.stores.blocks.deleteMany([lost!.key]);
  return place;
}

const INCOMPLETE = {
  name: 'AccountIncomplete',
  damaged: [
    { path: ['films', 'old', 'film'], error: { name: 'FileDamaged' } },
    { path: ['note'], error: { name: 'BlockMissing' } },
  ],
};

async function exported(place: TestPlace): Promise<number> {
  let bytes = 0;
  const { blocks } = await exportOwnAccount(deviceAt(place), NEMO);
  for await (const piece of blocks) bytes += piece.length;
  return bytes;
}

async function removeDamaged(place: TestPlace): Promise<void> {
  const drive = await driveAt(place);
  for (const path of [['films', 'old'], []]) {
    const folder = await drive.resolve(path);
    const row = await drive.find(folder, path.length === 0 ? 'note' : 'film');
    await drive.remove(folder, [row!]);
  }
}

describe('an account of which blocks are lost', { timeout: 60_000 }, () => {
  it('is not moved, names the files that are hit, and moves when they are gone', async () => {
    const [oldPlace, newPlace] = [
      await createDamaged(),
      createPlace('new', { stores: createMemoryStores() }),
    ];
    const move = () => moveAccount(deviceAt(oldPlace), deviceAt(newPlace), NEMO);
    const refused = await move().catch((error: unknown) => error);
    expect(refused).toMatchObject(INCOMPLETE);
    expect((refused as Error).message).toContain('“/films/old/film”, “/note”');
    expect(await (await driveAt(oldPlace)).resolve(['films', 'whole'])).toBeDefined();
    await removeDamaged(oldPlace);
    await move();
    const drive = await driveAt(newPlace);
    const whole = await drive.resolve(['films', 'whole']);
    let bytes = 0;
    for await (const piece of drive.read(whole)) bytes += piece.length;
    expect(bytes).toBe(200_000);
  });

  it('is not exported, names the files that are hit, and is exported when they are gone', async () => {
    const place = await createDamaged();
    await expect(exported(place)).rejects.toMatchObject(INCOMPLETE);
    await removeDamaged(place);
    expect(await exported(place)).toBeGreaterThan(200_000);
  });
});
