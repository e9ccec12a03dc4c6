/** What a hostile node, friend, stranger or former friend may try between people. */
import { describe, expect, it } from 'vitest';
import { fromHex, PyrgosError, utf8 } from '#lib/bytes/index.ts';
import { decodeBlock, encodeCbor, type CborValue } from '#lib/codec/index.ts';
import { BadKey, PublicBoxingKey, SigningKeyPair, SymmetricKey } from '#lib/crypto/index.ts';
import { capabilityToCbor, type Capability } from '#lib/cryptree/index.ts';
import {
  appendSmall,
  bytesSource,
  childIn,
  Drive,
  ensureFolder,
  writeSmall,
  type Handle,
} from '#lib/drive/index.ts';
import {
  claimChainFromCbor,
  claimChainToCbor,
  createClaimLink,
  NEVER_EXPIRES,
  type UserPublicKeyLink,
} from '#lib/protocol/index.ts';
import { folderFor } from './follow/people.ts';
import { openFollowRequest, sealFollowRequest } from './follow/follow-request.ts';
import { sendRequest } from './follow/inbox.ts';
import { SHARED_FOLDER } from './follow/people-records.ts';
import { fingerprintOf, qrTextOf, safetyNumber } from './verify/fingerprint.ts';
import { LOGS } from './share/outgoing.ts';
import {
  person,
  FRIENDS,
  befriend,
  createTown,
  putText,
  seen,
  settle,
  textOf,
  type TestPerson,
} from './testing.ts';

const DOCS = ['alice', 'docs'];
const PLAN = [...DOCS, 'plan.txt'];

async function town() {
  const place = createTown();
  const [alice, bob, mallory] = [
    await settle(place, 'alice'),
    await settle(place, 'bob'),
    await settle(place, 'mallory'),
  ];
  await putText(alice, ['docs', 'plan.txt'], 'the plan');
  await putText(alice, ['docs', 'inner', 'deep.txt'], 'deep');
  await putText(alice, ['secret.txt'], 'not for you');
  return { place, alice, bob, mallory };
}

/** Everything below a folder that can be opened, by path. */
async function handlesIn(person: TestPerson, root: string): Promise<Map<string, Handle>> {
  await person.mount();
  const found = new Map<string, Handle>();
  const walk = async (folder: Handle, path: string): Promise<void> => {
    found.set(path, folder);
    for await (const rows of person.drive.list(folder)) {
      for (const row of rows) {
        const handle = await person.drive.open(folder, row);
        if (handle.isDirectory) await walk(handle, `${path}/${row.name}`);
        else found.set(`${path}/${row.name}`, handle);
      }
    }
  };
  await walk(await person.drive.roots.open(root), root);
  return found;
}

/** Texts of all that capabilities still open, each as a file or as a folder with all below it. */
async function everythingFrom(
  { deps }: TestPerson,
  capabilities: readonly Capability[],
): Promise<string[]> {
  const drive = new Drive(deps.driveDeps);
  const texts: string[] = [];
  const read = async (handle: Handle): Promise<void> => {
    if (!handle.isDirectory) {
      texts.push(await textOf(drive, handle));
      return;
    }
    for await (const rows of drive.list(handle)) {
      for (const row of rows) await read(await drive.open(handle, row));
    }
  };
  for (const capability of capabilities) {
    await drive
      .openCapability(capability)
      .then(read)
      .catch((error: unknown) => {
        if (!(error instanceof PyrgosError)) throw error;
      });
  }
  return texts;
}

describe('S1: a node that passes one person off as another', () => {
  it('is refused by name when a friend asks, is answered, or is shared with', async () => {
    const { place, alice, bob, mallory } = await town();
    await befriend(alice, bob);
    const bobs = claimChainFromCbor(decodeBlock(await place.node.names.chain('bob')));
    const forged = await createClaimLink(mallory.session.identity, bobs[0]!.claim);
    const lying = {
      ...place.node,
      names: {
        ...place.node.names,
        chain: async () => encodeCbor(claimChainToCbor([forged])),
        publicKey: async () => mallory.session.identity.hash,
      },
    };
    const deceived = alice.onNode(lying);
    await expect(deceived.deps.identitiesOf('bob')).rejects.toMatchObject({
      name: 'IdentityChanged',
    });
    await expect(deceived.deps.learnIdentities('bob')).rejects.toMatchObject({
      name: 'IdentityChanged',
    });
    // What is shared goes to the person that was met, by the folder that he was given then.
    await deceived.sharing.share([PLAN], [person('bob'), FRIENDS], 'read');
    expect(await seen(bob, 'alice')).toMatchObject({ 'docs/plan.txt': 'the plan' });
    expect((await mallory.follow.people()).following).toEqual([]);
    expect((await mallory.follow.state()).pendingIncoming).toEqual([]);
  });

  it('does not get somebody into a group by an answer in the name of a friend', async () => {
    const { alice, bob, mallory } = await town();
    await alice.sharing.share([PLAN], [FRIENDS], 'read');
    await alice.follow.request('bob');
    const entry = await mallory.drive.change((change, home) => folderFor(change, home, 'alice'));
    const asBob = { ...mallory.deps, person: { ...mallory.deps.person, username: 'bob' } };
    const reply = {
      entry: { ...entry, username: 'bob' },
      key: SymmetricKey.random(alice.deps.random),
    };
    await sendRequest(asBob, 'alice', reply);
    const state = await alice.follow.state();
    expect([state.friends, state.followers, state.following]).toEqual([[], [], []]);
    expect(state.pendingOutgoing).toEqual(['bob']);
    await bob.follow.answer('alice', 'follow-back');
    expect((await alice.follow.state()).friends).toEqual(['bob']);
  });
});

describe('S2: somebody whose access was taken back', () => {
  it.each(['read', 'write'] as const)(
    'opens nothing new with anything he held, having been allowed to %s',
    async (right) => {
      const { alice, bob } = await town();
      await befriend(alice, bob);
      await alice.sharing.share([DOCS], [person('bob')], right);
      const held = await handlesIn(bob, 'alice');
      await alice.sharing.unshare(DOCS, [person('bob')], right);
      await putText(alice, ['docs', 'new.txt'], 'written afterwards');
      await putText(alice, ['docs', 'plan.txt'], 'changed afterwards');
      const capabilities = [...held.values()].map(({ capability }) => capability);
      const texts = await everythingFrom(bob, capabilities);
      expect(texts.filter((text) => text.includes('afterwards'))).toEqual([]);
      expect(await seen(bob, 'alice')).toEqual({});
      expect(await seen(bob.another(), 'alice')).toEqual({});
      for (const [path, handle] of held) {
        if (handle.isDirectory || handle.signer === undefined) continue;
        const writing = bob.drive.append(handle, bytesSource(utf8('!')));
        await expect(writing, path).rejects.toBeInstanceOf(PyrgosError);
      }
      expect(await seen(alice.another(), 'alice')).toMatchObject({
        'docs/plan.txt': 'changed afterwards',
        'docs/new.txt': 'written afterwards',
      });
    },
  );
});

describe('S3: a capability used for more than it was given for', () => {
  it('that reads writes nothing', async () => {
    const { alice, bob } = await town();
    await befriend(alice, bob);
    await alice.sharing.share([DOCS], [person('bob')], 'read');
    for (const [path, handle] of await handlesIn(bob, 'alice')) {
      expect(handle.signer, path).toBeUndefined();
      expect(handle.capability.writeKey, path).toBeUndefined();
      const writing = handle.isDirectory
        ? bob.drive.makeDirectory(handle, 'mine')
        : bob.drive.append(handle, bytesSource(utf8('!')));
      await expect(writing, path).rejects.toMatchObject({ name: 'NotWritable' });
    }
  });

  it('that writes a folder changes nothing beside or above it', async () => {
    const { alice, bob } = await town();
    await befriend(alice, bob);
    await alice.sharing.share([DOCS], [person('bob')], 'write');
    await alice.sharing.share([['alice', 'secret.txt']], [person('bob')], 'read');
    const held = await handlesIn(bob, 'alice');
    const { signer } = held.get('alice/docs')!;
    expect(signer).toBeDefined();
    for (const path of ['alice', 'alice/secret.txt']) {
      // With the key of the folder he may write, as a client would that checks nothing.
      const { partial: _partial, ...handle } = held.get(path)!;
      const forged: Handle = { ...handle, signer };
      const writing = forged.isDirectory
        ? bob.drive.makeDirectory(forged, 'mine')
        : bob.drive.append(forged, bytesSource(utf8('!')));
      await expect(writing, path).rejects.toBeInstanceOf(PyrgosError);
    }
    expect(await seen(alice.another(), 'alice')).toMatchObject({ 'secret.txt': 'not for you' });
  });

  it('that reads a file does not list the folder it lies in', async () => {
    const { alice, bob } = await town();
    await befriend(alice, bob);
    await alice.sharing.share([PLAN], [person('bob')], 'read');
    expect(await seen(bob, 'alice')).toEqual({ docs: '/', 'docs/plan.txt': 'the plan' });
    const folder = (await handlesIn(bob, 'alice')).get('alice/docs')!;
    const { partial: _partial, ...whole } = folder;
    const list = async (): Promise<string[]> => {
      const names: string[] = [];
      for await (const rows of bob.drive.list(whole)) names.push(...rows.map(({ name }) => name));
      return names;
    };
    await expect(list()).rejects.toBeInstanceOf(PyrgosError);
  });
});

describe('S4: a request to follow', () => {
  it('in the name of somebody else gives its sender nothing', async () => {
    const { alice, bob, mallory } = await town();
    const entry = await mallory.drive.change((change, home) => folderFor(change, home, 'bob'));
    const asAlice = { ...mallory.deps, person: { ...mallory.deps.person, username: 'alice' } };
    await sendRequest(asAlice, 'bob', { entry: { ...entry, username: 'alice' }, key: undefined });
    for (const answer of ['allow', 'follow-back'] as const) {
      await expect(bob.follow.answer('alice', answer)).rejects.toMatchObject({
        name: 'FollowRefused',
      });
    }
    expect((await bob.follow.people()).followers).toEqual([]);
    expect((await alice.follow.people()).following).toEqual([]);
  });

  it('that was answered and is sent again is not shown, and changes nothing', async () => {
    const { place, alice, bob } = await town();
    const sent: [unknown, Uint8Array][] = [];
    const inbox = {
      ...place.node.inbox,
      send: (...args: Parameters<typeof place.node.inbox.send>) => {
        sent.push(args);
        return place.node.inbox.send(...args);
      },
    };
    await alice.onNode({ ...place.node, inbox }).follow.request('bob');
    await bob.follow.answer('alice', 'follow-back');
    await alice.follow.state();
    const before = await bob.follow.people();
    await place.node.inbox.send(bob.session.identity.hash, sent[0]![1]);
    expect((await bob.follow.state()).pendingIncoming).toEqual([]);
    expect(await bob.follow.people()).toEqual(before);
  });

  it('in the own name is not shown', async () => {
    const { alice } = await town();
    const entry = await alice.drive.change((change, home) => folderFor(change, home, 'bob'));
    await sendRequest(alice.deps, 'alice', { entry, key: undefined });
    expect((await alice.follow.state()).pendingIncoming).toEqual([]);
  });

  it('is refused where it is too large, or where 101 wait already', async () => {
    const { place, alice } = await town();
    const to = alice.session.identity.hash;
    await expect(place.node.inbox.send(to, new Uint8Array(4097))).rejects.toBeInstanceOf(
      PyrgosError,
    );
    for (let i = 0; i <= 100; i++) {
      const noise = encodeCbor(new Map([['n', BigInt(i)]]));
      expect(await place.node.inbox.send(to, noise)).toBe(true);
    }
    expect(await place.node.inbox.send(to, encodeCbor(new Map([['n', 101n]])))).toBe(false);
    expect((await alice.follow.state()).pendingIncoming).toEqual([]);
  });
});

describe('S5: a hostile friend', () => {
  /** Gives Alice capabilities as a client would that checks nothing. */
  async function give(mallory: TestPerson, ...given: readonly unknown[]): Promise<void> {
    await mallory.drive.change(async (change, home) => {
      const shared = (await childIn(change, home, SHARED_FOLDER))!;
      const folder = (await childIn(change, shared, 'alice'))!;
      const bytes = given.map((one) => encodeCbor(one as never));
      for (const piece of bytes) await appendSmall(change, folder, LOGS.read, piece);
    });
  }

  async function friends() {
    const set = await town();
    await befriend(set.alice, set.mallory);
    await putText(set.mallory, ['fine.txt'], 'fine');
    await set.mallory.sharing.share([['mallory', 'fine.txt']], [person('alice')], 'read');
    return set;
  }

  it('with names that are no names spoils only what bears them', async () => {
    const { alice, mallory } = await friends();
    const names = [
      '..',
      '.',
      'a/b',
      '../../alice',
      'n\u0000ul',
      'x'.repeat(5_000),
      '\u202Etxt.exe',
    ];
    const capabilities = await mallory.drive.change(async (change, home) => {
      const made: Capability[] = [];
      for (const name of names) {
        const folder = await ensureFolder(change, home, name, { isHidden: false }).catch(
          () => undefined,
        );
        if (folder === undefined) continue;
        await writeSmall(change, folder, 'inside.txt', utf8('inside'), { isHidden: false });
        made.push(folder.capability);
      }
      return made;
    });
    await give(mallory, ...capabilities.map(capabilityToCbor));
    const view = await seen(alice, 'mallory');
    expect(view['fine.txt']).toBe('fine');
    // Alice's own tree is as it was.
    expect(Object.keys(await seen(alice.another(), 'alice')).sort()).toEqual(
      ['docs', 'docs/inner', 'docs/inner/deep.txt', 'docs/plan.txt', 'secret.txt'].sort(),
    );
  });

  it('that gives noise, or what belongs to others, spoils nothing', async () => {
    const { alice, bob, mallory } = await friends();
    await befriend(bob, mallory);
    await putText(bob, ['bobs.txt'], 'of bob');
    await bob.sharing.share([['bob', 'bobs.txt']], [person('mallory')], 'read');
    const stolen = (await handlesIn(mallory, 'bob')).get('bob/bobs.txt')!.capability;
    const random = alice.deps.random;
    const nowhere = {
      ...stolen,
      mapKey: (await handlesIn(mallory, 'mallory')).get('mallory')!.capability.mapKey,
      readKey: SymmetricKey.random(random),
    };
    await give(
      mallory,
      capabilityToCbor(nowhere),
      capabilityToCbor({ ...stolen, owner: mallory.session.identity.hash }),
    );
    await putText(mallory, ['later.txt'], 'later');
    await mallory.sharing.share([['mallory', 'later.txt']], [person('alice')], 'read');
    expect(await seen(alice, 'mallory')).toEqual({ 'fine.txt': 'fine', 'later.txt': 'later' });
  });

  it('that gives the same thing 3,000 times has given it once', async () => {
    const { alice, mallory } = await friends();
    const { capability } = (await handlesIn(mallory, 'mallory')).get('mallory/fine.txt')!;
    await mallory.drive.change(async (change, home) => {
      const shared = (await childIn(change, home, SHARED_FOLDER))!;
      const folder = (await childIn(change, shared, 'alice'))!;
      const one = encodeCbor(
        capabilityToCbor({ ...capability, writeKey: undefined } as Capability),
      );
      const all = new Uint8Array(one.length * 3_000);
      for (let i = 0; i < 3_000; i++) all.set(one, i * one.length);
      await appendSmall(change, folder, LOGS.read, all);
    });
    expect(await seen(alice, 'mallory')).toEqual({ 'fine.txt': 'fine' });
  });
});

describe('S6: a safety number', () => {
  it('and its code are others when a single name or key is another', async () => {
    const { alice, bob, mallory } = await town();
    const named = ({ username, session }: TestPerson) => ({
      username,
      keys: [session.identity.hash, session.boxing!.publicKey.hash()],
    });
    const [a, b, m] = [named(alice), named(bob), named(mallory)];
    const swapped = ({ username, keys }: typeof a, at: number) => ({
      username,
      keys: keys.map((key, i) => (i === at ? m.keys[i]! : key)),
    });
    const right = fingerprintOf(a, b);
    const wrong = [
      fingerprintOf(a, { ...b, username: 'bobb' }),
      fingerprintOf(a, swapped(b, 0)),
      fingerprintOf(a, swapped(b, 1)),
      fingerprintOf({ ...a, username: 'alicf' }, b),
      fingerprintOf(swapped(a, 0), b),
      fingerprintOf(swapped(a, 1), b),
    ];
    const numbers = [right, ...wrong].map(safetyNumber);
    const codes = [right, ...wrong].map(qrTextOf);
    expect(new Set(numbers).size).toBe(7);
    expect(new Set(codes).size).toBe(7);
  });
});

describe('K2 and K3: the chain of keys of a name', () => {
  it('that is not continued by the key that was known is refused, whatever it looks like', async () => {
    const { place, alice, bob } = await town();
    await befriend(alice, bob);
    const chain = claimChainFromCbor(decodeBlock(await place.node.names.chain('bob')));
    const own = bob.session.identity;
    const thief = SigningKeyPair.random(alice.deps.random);
    const claim = { ...chain[0]!.claim };
    const handing = { username: 'bob', expiry: NEVER_EXPIRES, storageProviders: [] };
    const forgeries: Record<string, readonly UserPublicKeyLink[]> = {
      'another key': [await createClaimLink(thief, claim)],
      'a thief who hands over to himself': [
        await createClaimLink(thief, handing, thief.hash),
        await createClaimLink(thief, claim),
      ],
      'the name of somebody else': [await createClaimLink(own, { ...claim, username: 'mallory' })],
      'cut short, after a change of keys': [
        await createClaimLink(thief, handing, own.hash),
        await createClaimLink(own, claim),
      ],
      'no link at all': [],
    };
    for (const [name, links] of Object.entries(forgeries)) {
      const bytes = encodeCbor(claimChainToCbor(links));
      const lying = { ...place.node, names: { ...place.node.names, chain: async () => bytes } };
      const before = await alice.another().deps.identityOf('bob');
      await expect(alice.onNode(lying).deps.identitiesOf('bob'), name).rejects.toBeInstanceOf(
        PyrgosError,
      );
      expect((await alice.another().deps.identityOf('bob')).equals(before), name).toBe(true);
    }
  });
});

describe('K7: a key that shares its secret with everybody', () => {
  // All multiples of a point of low order are of low order: the shared secret would be known.
  const weak = ['00'.repeat(32), `01${'00'.repeat(31)}`, `ecff${'ff'.repeat(29)}7f`];

  it('is boxed for by nobody, and opens no request', async () => {
    const { alice } = await town();
    const entry = await alice.drive.change((change, home) => folderFor(change, home, 'bob'));
    for (const hex of weak) {
      const key = PublicBoxingKey.fromCbor([1, fromHex(hex)]);
      const sealing = (): Uint8Array =>
        sealFollowRequest({ entry, key: undefined }, key, alice.deps.random);
      expect(sealing, hex).toThrow(BadKey);
      // A sender who is known to everybody could be anybody.
      const forged = encodeCbor(
        new Map<string, CborValue>([
          ['k', key.toCbor()],
          ['c', new Uint8Array(80)],
        ]),
      );
      expect(() => openFollowRequest(forged, alice.session.boxing!), hex).toThrow(PyrgosError);
      await alice.deps.node.inbox.send(alice.session.identity.hash, forged);
    }
    expect((await alice.follow.state()).pendingIncoming).toEqual([]);
  });
});
