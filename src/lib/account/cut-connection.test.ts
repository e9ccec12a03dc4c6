/**
 * A change of the password at a server, over a connection that is cut before or after any of its
 * requests, for accounts of today and of the oldest kind. The model is two words: which passwords
 * may open the account. Whatever happened, exactly one does, and what can be read can be changed.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { blobPieces, importAccount } from '#lib/archive/index.ts';
import { sampled } from '#lib/bytes/testing.ts';
import { encodeCbor } from '#lib/codec/index.ts';
import { Signer, SigningKeyPair, startCrypto } from '#lib/crypto/index.ts';
import { createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { bytesSource, Drive, type DriveDeps } from '#lib/drive/index.ts';
import { createHttpNode, handleRequest } from '#lib/node-http/index.ts';
import { UnknownUser, WrongPassword } from '#lib/protocol/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { Commit, createPointerMemory } from '#lib/writers/index.ts';
import { changePassword } from './change-password.ts';
import { SignInAgain } from './errors.ts';
import { exportOwnAccount } from './export-account.ts';
import { resumeSession, signIn, stateOf } from './sign-in.ts';
import { signUp } from './sign-up.ts';
import { cheapAlgorithm, createOldestAccount, createPlace, seededRandom } from './testing.ts';
import type { TestPlace } from './testing.ts';

const USERNAME = 'hugo';
const OLD = 'tvQ7-mellow-garnet-94';
const NEW = 'plaster kiwi 88 orbit lemonade';
const TEXT = new TextEncoder().encode('under any password');
const HOST = 'drive.test';
const SLOW = { timeout: 600_000 };
const CHANGING = /put|set|update|sign|transaction/i;

beforeAll(async () => void (await startCrypto()));

/** Which way of a request is cut; it and all after it, or it alone. */
interface Cut {
  readonly at: number;
  readonly way: 'there' | 'back';
  readonly isLasting: boolean;
}

/** How many devices have come to a place. */
const devices = new WeakMap<TestPlace, number>();

/**
 * A device of the person over a connection of its own, which is cut where it says. Its chance is that
 * of every device that is the n-th at its place: so a change that is cut elsewhere is the same change.
 */
function deviceAt(place: TestPlace, cut?: Cut): DriveDeps & { paths: string[] } {
  const { node, clock } = place;
  const ordinal = (devices.get(place) ?? 0) + 1;
  devices.set(place, ordinal);
  const options = { hosts: [HOST], isPublic: true, pageOrigins: [], clock };
  const handle = handleRequest(node, options);
  const paths: string[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    const number = paths.push(new URL(request.url).pathname);
    const isCut = cut !== undefined && (cut.isLasting ? number >= cut.at : number === cut.at);
    if (!isCut) return handle(request);
    // Of a lasting cut only the first request may have got there.
    if (cut.way === 'back' && number === cut.at) await handle(request);
    throw new TypeError('Failed to fetch');
  };
  const random = seededRandom(`device ${ordinal}`);
  return {
    node: createHttpNode(`http://${HOST}`, { fetch, clock, random, pause: async () => undefined }),
    clock,
    random,
    pointerMemory: createPointerMemory(),
    cipher: createLocalChunkCipher(random),
    pause: async () => undefined,
    paths,
  };
}

const KINDS = {
  async 'of today'(place: TestPlace) {
    const algorithm = cheapAlgorithm();
    await signUp(place, { username: USERNAME, password: OLD, algorithm });
  },
  'of the oldest kind': (place: TestPlace) =>
    createOldestAccount(place, { username: USERNAME, password: OLD }),
};

async function placeWith(create: (place: TestPlace) => Promise<void>): Promise<TestPlace> {
  const place = createPlace('cut', { stores: createMemoryStores() });
  await create(place);
  const drive = await driveAt(place, OLD);
  await drive.upload(await drive.home(), [{ path: ['a', 'b.txt'], source: bytesSource(TEXT) }]);
  return place;
}

async function driveAt(place: TestPlace, password: string): Promise<Drive> {
  const device = deviceAt(place);
  return new Drive(device, (await signIn(device, { username: USERNAME, password })).home);
}

/** Whether a password opens the account: then its file is there, and it can be changed. */
async function opens(place: TestPlace, password: string, mark: string): Promise<boolean> {
  try {
    const drive = await driveAt(place, password);
    const file = await drive.resolve(['a', 'b.txt']);
    const pieces: Uint8Array[] = [];
    for await (const piece of drive.read(file, 0)) pieces.push(piece);
    expect(Buffer.concat(pieces).equals(TEXT)).toBe(true);
    await drive.makeDirectory(await drive.home(), mark);
    return true;
  } catch (error) {
    if (error instanceof WrongPassword) return false;
    throw error;
  }
}

const change = (device: DriveDeps, oldPassword = OLD, newPassword = NEW) =>
  changePassword(device, { username: USERNAME, oldPassword, newPassword });

describe.each(Object.entries(KINDS))('an account %s', (kind, create) => {
  it('has exactly one password wherever the connection is cut', SLOW, async () => {
    const whole = deviceAt(await placeWith(create));
    await change(whole);
    const cuts: Cut[] = [{ at: 1, way: 'there', isLasting: true }];
    for (const at of whole.paths.keys()) cuts.push({ at: at + 1, way: 'back', isLasting: true });
    // A single request that is lost matters where it changes something.
    for (const [at, path] of whole.paths.entries()) {
      if (CHANGING.test(path)) cuts.push({ at: at + 1, way: 'back', isLasting: false });
    }
    const seen = new Set<string>();
    for (const cut of sampled(cuts, cuts.length > 40 ? 3 : 1)) {
      const place = await placeWith(create);
      const isDone = await change(deviceAt(place, cut)).then(
        () => true,
        () => false,
      );
      const good = [await opens(place, OLD, 'by old'), await opens(place, NEW, 'by new')];
      expect(good.filter(Boolean), JSON.stringify(cut)).toHaveLength(1);
      if (isDone) expect(good[1]).toBe(true);
      seen.add(`${isDone ? 'done' : 'failed'}, ${good[1] ? 'new' : 'old'}`);
      // What an attempt that died left does not hinder the next one.
      if (good[1] || kind === 'of today') continue;
      await change(deviceAt(place));
      expect(await opens(place, NEW, 'new')).toBe(true);
    }
    // Cut early it stays; cut at the end it is changed, though nobody can say so.
    expect([...seen].sort()).toEqual(['done, new', 'failed, new', 'failed, old']);
  });
});

describe('an account of the oldest kind', () => {
  const oldest = () => placeWith(KINDS['of the oldest kind']);
  const credentials = { username: USERNAME, password: OLD };

  it('is as any other after a change of its password', SLOW, async () => {
    const place = await oldest();
    const before = await signIn(deviceAt(place), credentials);
    expect(before.boxing?.publicKey.type).toBe(1);
    await expect(resumeSession(deviceAt(place), before)).rejects.toThrow(SignInAgain);
    await change(deviceAt(place));
    const after = await signIn(deviceAt(place), { ...credentials, password: NEW });
    expect(after.identity.hash.equals(before.identity.hash)).toBe(false);
    expect(after.home.owner.equals(after.identity.hash)).toBe(true);
    expect(after.boxing?.publicKey.type).toBe(2);
    const { data } = await stateOf(deviceAt(place), after.identity.hash);
    expect(data?.staticData).toBeUndefined();
    expect(data?.inbound?.equals(after.boxing!.publicKey.hash())).toBe(true);
    await resumeSession(deviceAt(place), after);
    // What the old password opened lies nowhere in the present state of the account.
    const former = await stateOf(deviceAt(place), before.identity.hash);
    expect(former.data?.staticData).toBeUndefined();
    await change(deviceAt(place), NEW, `${NEW} again`);
    expect(await opens(place, `${NEW} again`, 'changed twice')).toBe(true);
    const again = { ...credentials, password: `${NEW} again` };
    const exported = await exportOwnAccount(deviceAt(place), again);
    const pieces: Uint8Array[] = [];
    for await (const piece of exported.blocks) pieces.push(piece);
    const blocks = blobPieces(new Blob(pieces as BlobPart[]));
    const files = createPlace('files', { stores: createMemoryStores() });
    const deps = { ...files.stores, random: files.random, clock: files.clock };
    await importAccount(deps, { description: exported.description(), blocks });
    expect(await opens(files, again.password, 'out of files')).toBe(true);
  });

  it('keeps its boxing key while somebody’s request waits for it', SLOW, async () => {
    const place = await oldest();
    const before = await signIn(deviceAt(place), credentials);
    const request = encodeCbor(
      new Map([
        ['k', new Uint8Array(36)],
        ['c', new Uint8Array(64)],
      ]),
    );
    await place.node.inbox.send(before.identity.hash, request);
    await change(deviceAt(place));
    const device = deviceAt(place);
    const after = await signIn(device, { ...credentials, password: NEW });
    expect(after.boxing?.publicKey.hash().equals(before.boxing!.publicKey.hash())).toBe(true);
    expect(after.boxing?.publicKey.type).toBe(1);
  });

  it('does not lose a part whose key it does not hold', SLOW, async () => {
    const place = await oldest();
    const { identity, home } = await signIn(deviceAt(place), credentials);
    const stranger = SigningKeyPair.random(place.random);
    const commit = new Commit(deviceAt(place), identity.hash);
    const signer = await commit.createWriter(Signer.of(identity), stranger);
    const { data } = await commit.state(home.signer.hash);
    await commit.changeWriterData(signer, (fresh) => fresh.with({ tree: data?.tree }));
    await commit.commit();
    await expect(change(deviceAt(place))).rejects.toMatchObject({ name: 'MalformedAccount' });
    expect(await opens(place, OLD, 'still')).toBe(true);
    await expect(signIn(place, { ...credentials, username: 'hugh' })).rejects.toThrow(UnknownUser);
  });
});
