/** What a sign-in maintains: the claim to the name, an old boxing key, the identities of others. */
import { beforeAll, describe, expect, it } from 'vitest';
import { asList, decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import {
  BoxingKeyPair,
  signDetached,
  Signer,
  SigningKeyPair,
  startCrypto,
} from '#lib/crypto/index.ts';
import { createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { Drive } from '#lib/drive/index.ts';
import { createLocalNode, rotateNodeId } from '#lib/node-local/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import {
  claimChainFromCbor,
  claimChainToCbor,
  createClaimLink,
  loginDataToCbor,
  NEVER_EXPIRES,
  NodeUnreachable,
} from '#lib/protocol/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';
import { Commit } from '#lib/writers/index.ts';
import { renewClaim } from './claim-renewal.ts';
import { IdentityChanged, IdentityDisputed } from './errors.ts';
import { sealLoginSecrets } from './login-record.ts';
import type { Session } from './session.ts';
import { signIn, stateOf, unlock } from './sign-in.ts';
import { signUp } from './sign-up.ts';
import { cheapAlgorithm, createPlace, seededRandom, type TestPlace } from './testing.ts';
import { TrustStore } from './trust-store.ts';

const GOOD = 'tvQ7-mellow-garnet-94';
const DAY_MS = 24 * 60 * 60 * 1000;

beforeAll(() => startCrypto());

async function join(place: TestPlace, username: string): Promise<Session> {
  return signUp(place, { username, password: GOOD, algorithm: cheapAlgorithm() });
}

/** The same stores later. */
function later(place: TestPlace, days: number): TestPlace {
  const clock = (): number => place.clock() + days * DAY_MS;
  const node = createLocalNode({ ...place.stores, clock, random: seededRandom('later') });
  return { ...place, node, clock };
}

async function chainOf({ node }: { node: StorageNode }, name: string) {
  return claimChainFromCbor(asList(decodeBlock(await node.names.chain(name)), 'a chain'));
}

describe('the claim to a name', () => {
  it('is left alone while it is fresh, and renewed for two months when it is not', async () => {
    const place = createPlace('claims');
    const session = await join(place, 'alice');
    const [first] = await chainOf(place, 'alice');
    expect(await renewClaim(place, session)).toBe(false);
    const next = later(place, 45);
    expect(await renewClaim(next, session)).toBe(true);
    const chain = await chainOf(next, 'alice');
    expect(chain).toHaveLength(1);
    expect(chain[0]?.owner.equals(session.identity.hash)).toBe(true);
    expect(chain[0]?.claim.storageProviders).toEqual(first?.claim.storageProviders);
    const signedUp = new Date(place.clock());
    const expected = new Date(next.clock());
    expected.setUTCMonth(expected.getUTCMonth() + 2);
    expect(chain[0]?.claim.expiry).toBe(expected.toISOString().slice(0, 10));
    expect(first!.claim.expiry > signedUp.toISOString().slice(0, 10)).toBe(true);
    expect(await renewClaim(next, session)).toBe(false);
  });
});

describe('the claim to a name whose node has taken a new id', () => {
  const homesIn = async (place: TestPlace) =>
    (await chainOf(place, 'alice')).map(({ claim }) => claim.storageProviders.map(String));

  it('names the new one, however often that happened', async () => {
    const place = createPlace('new id');
    const session = await join(place, 'alice');
    const deps = { ...place.stores, clock: place.clock, random: place.random };
    await rotateNodeId(deps);
    const { nodeId } = await rotateNodeId(deps);
    const next = later(place, 1);
    expect(await next.node.blocks.nodeId()).toEqual(nodeId);
    expect(await renewClaim(next, session)).toBe(true);
    expect(await homesIn(next)).toEqual([[nodeId.toString()]]);
    expect(await renewClaim(next, session)).toBe(false);
  });

  it('stays with the old one while that one has not signed who follows', async () => {
    const place = createPlace('a thief');
    const session = await join(place, 'alice');
    const home = await place.node.blocks.nodeId();
    const thief = createPlace('the thief itself');
    const stranger = await thief.node.blocks.nodeId();
    const asked: string[] = [];
    const lying = (recordOf: StorageNode['blocks']['nodeRecord']): TestPlace => ({
      ...place,
      node: {
        ...place.node,
        blocks: {
          ...place.node.blocks,
          nodeIds: async () => [home, stranger],
          nodeRecord: recordOf,
        },
      },
    });
    const records: StorageNode['blocks']['nodeRecord'][] = [
      async () => undefined,
      async () => Promise.reject(new NodeUnreachable()),
      // Its own record, and the old one's, which names nobody.
      () => thief.node.blocks.nodeRecord(stranger),
      (id) => place.node.blocks.nodeRecord(id),
    ];
    for (const recordOf of records) {
      const renewed = await renewClaim(
        lying((id) => {
          asked.push(id.toString());
          return recordOf(id);
        }),
        session,
      );
      expect(renewed).toBe(false);
    }
    expect(new Set(asked)).toEqual(new Set([home.toString()]));
    expect(await homesIn(place)).toEqual([[home.toString()]]);
  });
});

describe('a boxing key of before', () => {
  /** Gives an account the key that accounts had before. */
  async function withOldKey(place: TestPlace): Promise<Session> {
    const session = await join(place, 'alice');
    const boxing = BoxingKeyPair.fromCurveSecret(place.random(32));
    const { keys, derived } = await unlock(place, { username: 'alice', password: GOOD });
    const sealed = sealLoginSecrets(keys.rootKey, { ...keys, boxing }, place.random);
    const record = encodeCbor(loginDataToCbor('alice', sealed, derived.login.publicKey));
    const auth = await signDetached(session.identity, record);
    await place.node.accounts.setLogin('alice', record, auth);
    const commit = new Commit(place, session.identity.hash);
    const inbound = boxing.publicKey.hash();
    const signer = Signer.of(session.identity);
    await commit.changeWriterData(signer, (data) => data.with({ inbound }));
    await commit.commit();
    return session;
  }

  const shownBy = async (place: TestPlace, { identity }: Session) =>
    (await stateOf(place, identity.hash)).data?.inbound;

  it('is replaced at sign-in by one that withstands quantum computers', async () => {
    const place = createPlace('old key');
    const before = await withOldKey(place);
    const session = await signIn(place, { username: 'alice', password: GOOD });
    expect(session.boxing?.publicKey.type).toBe(2);
    const shown = await shownBy(place, before);
    expect(shown?.equals(session.boxing!.publicKey.hash())).toBe(true);
    const again = await signIn(place, { username: 'alice', password: GOOD });
    expect(again.boxing?.publicKey.hash().equals(shown!)).toBe(true);
  });

  it('stays while somebody’s request waits for it', async () => {
    const place = createPlace('waiting');
    const before = await withOldKey(place);
    const request = encodeCbor(
      new Map([
        ['k', new Uint8Array(36)],
        ['c', new Uint8Array(64)],
      ]),
    );
    expect(await place.node.inbox.send(before.identity.hash, request)).toBe(true);
    const session = await signIn(place, { username: 'alice', password: GOOD });
    expect(session.boxing?.publicKey.type).toBe(1);
    const shown = await shownBy(place, before);
    expect(shown?.equals(session.boxing!.publicKey.hash())).toBe(true);
  });

  it('is replaced whole, however early the first attempt died', async () => {
    const place = createPlace('dying');
    const before = await withOldKey(place);
    const { node } = place;
    const die = () => Promise.reject(new Error('died'));
    const pointers = { ...node.pointers, set: die, setMany: die };
    const dying = { ...place, node: { ...node, pointers } };
    const died = await signIn(dying, { username: 'alice', password: GOOD }).catch(String);
    expect(died).toBe('Error: died');
    const session = await signIn(place, { username: 'alice', password: GOOD });
    expect(session.boxing?.publicKey.type).toBe(2);
    const shown = await shownBy(place, before);
    expect(shown?.equals(session.boxing!.publicKey.hash())).toBe(true);
  });
});

const unreachable = (): Promise<never> => Promise.reject(new Error('no answer'));

describe('who is who', () => {
  function storeOf(place: TestPlace, session: Session, node: StorageNode = place.node): TrustStore {
    const cipher = createLocalChunkCipher(place.random);
    return new TrustStore(new Drive({ ...place, cipher }, session.home), node);
  }

  it('is remembered from the first time on, for later sessions too', async () => {
    const place = createPlace('trust');
    const [alice, bob] = [await join(place, 'alice'), await join(place, 'bob')];
    const store = storeOf(place, alice);
    expect((await store.identityOf('bob')).equals(bob.identity.hash)).toBe(true);
    let questions = 0;
    const names = {
      ...place.node.names,
      chain: (name: string) => {
        questions++;
        return place.node.names.chain(name);
      },
    };
    const next = storeOf(place, alice, { ...place.node, names });
    expect((await next.identityOf('bob')).equals(bob.identity.hash)).toBe(true);
    expect(questions).toBe(0);
    await expect(next.identityOf('nobody')).rejects.toMatchObject({ name: 'UnknownUser' });
  });

  it('is stored with another change, beside what other sessions have stored since', async () => {
    const place = createPlace('together');
    const [alice, bob, carol] = [
      await join(place, 'alice'),
      await join(place, 'bob'),
      await join(place, 'carol'),
    ];
    const cipher = createLocalChunkCipher(place.random);
    const drive = new Drive({ ...place, cipher }, alice.home);
    const store = new TrustStore(drive, place.node);
    expect((await store.learn('bob')).map(String)).toEqual([String(bob.identity.hash)]);
    const silent = { ...place.node, names: { ...place.node.names, chain: unreachable } };
    await expect(storeOf(place, alice, silent).identityOf('bob')).rejects.toThrow('no answer');
    await storeOf(place, alice).identityOf('carol');
    await drive.change((change, home) => store.save(change, home));
    const later = storeOf(place, alice, silent);
    expect((await later.identityOf('bob')).equals(bob.identity.hash)).toBe(true);
    expect((await later.identityOf('carol')).equals(carol.identity.hash)).toBe(true);
  });

  it('is stored by the next question if the change it was learnt for failed', async () => {
    const place = createPlace('failed change');
    const [alice, bob] = [await join(place, 'alice'), await join(place, 'bob')];
    const store = storeOf(place, alice);
    await store.learn('bob');
    await store.refresh('bob');
    const silent = { ...place.node, names: { ...place.node.names, chain: unreachable } };
    const later = storeOf(place, alice, silent);
    expect((await later.identityOf('bob')).equals(bob.identity.hash)).toBe(true);
  });

  it('is not changed by a node that shows another identity, learnt or asked for', async () => {
    const place = createPlace('lies');
    const [alice, bob, mallory] = [
      await join(place, 'alice'),
      await join(place, 'bob'),
      await join(place, 'mallory'),
    ];
    const honest = storeOf(place, alice);
    await honest.identityOf('bob');
    const [link] = await chainOf(place, 'bob');
    const forged: UserPublicKeyLink = await createClaimLink(mallory.identity, link!.claim);
    const names = {
      ...place.node.names,
      chain: async () => encodeCbor(claimChainToCbor([forged])),
    };
    const lied = storeOf(place, alice, { ...place.node, names });
    await expect(lied.refresh('bob')).rejects.toThrow(IdentityChanged);
    await expect(lied.learn('bob')).rejects.toThrow(IdentityChanged);
    expect((await lied.identityOf('bob')).equals(bob.identity.hash)).toBe(true);
  });

  it('follows what its owner signed, and not back again', async () => {
    const place = createPlace('follows');
    const [alice, bob] = [await join(place, 'alice'), await join(place, 'bob')];
    const store = storeOf(place, alice);
    const [first] = await store.refresh('bob');
    const { storageProviders } = first!.claim;
    const renewed = { username: 'bob', expiry: '2030-01-01', storageProviders };
    const next = SigningKeyPair.random(place.random);
    const handing = { username: 'bob', expiry: NEVER_EXPIRES, storageProviders: [] };
    const shown = [
      [await createClaimLink(bob.identity, renewed)],
      [
        await createClaimLink(bob.identity, handing, next.hash),
        await createClaimLink(next, renewed),
      ],
    ];
    for (const chain of shown) {
      const told = storeOf(place, alice, showing(place, chain));
      expect(claimChainToCbor(await told.refresh('bob'))).toEqual(claimChainToCbor(chain));
      expect((await storeOf(place, alice).identityOf('bob')).equals(chain.at(-1)!.owner)).toBe(
        true,
      );
    }
    const back = storeOf(place, alice, showing(place, [first!]));
    await expect(back.refresh('bob')).rejects.toThrow(IdentityChanged);
    const earlier = [
      shown[1]![0]!,
      await createClaimLink(next, { ...renewed, expiry: '2029-12-31' }),
    ];
    const told = storeOf(place, alice, showing(place, earlier));
    await expect(told.refresh('bob')).rejects.toMatchObject({ name: 'BadClaimChain' });
    expect((await storeOf(place, alice).identityOf('bob')).equals(next.hash)).toBe(true);
  });

  it('is believed at first only as far as a second node does not contradict', async () => {
    const place = createPlace('witness');
    const [alice, bob, mallory] = [
      await join(place, 'alice'),
      await join(place, 'bob'),
      await join(place, 'mallory'),
    ];
    const cipher = createLocalChunkCipher(place.random);
    const drive = new Drive({ ...place, cipher }, alice.home);
    const [link] = await chainOf(place, 'bob');
    const forged = await createClaimLink(mallory.identity, link!.claim);
    const lying = showing(place, [forged]);
    const away = { chain: () => Promise.reject(new NodeUnreachable('away')) };
    const ignorant = { chain: async () => encodeCbor([]) };
    const { names } = place.node;
    await expect(new TrustStore(drive, lying, [names]).identityOf('bob')).rejects.toThrow(
      IdentityDisputed,
    );
    await expect(new TrustStore(drive, lying, [away, names]).learn('bob')).rejects.toThrow(
      IdentityDisputed,
    );
    // A witness that is away, knows nothing, or cannot prove what it says changes nothing.
    const broken = { ...link!, claim: { ...link!.claim, signed: forged.claim.signed } };
    const witnesses = [ignorant, showing(place, [broken]).names];
    const told = await new TrustStore(drive, place.node, witnesses).identityOf('bob');
    expect(told.equals(bob.identity.hash)).toBe(true);
  });

  it('is told by a second node where that knows what came later', async () => {
    const place = createPlace('later witness');
    const [alice, bob] = [await join(place, 'alice'), await join(place, 'bob')];
    const cipher = createLocalChunkCipher(place.random);
    const drive = new Drive({ ...place, cipher }, alice.home);
    const [link] = await chainOf(place, 'bob');
    const renewed = await createClaimLink(bob.identity, { ...link!.claim, expiry: '2031-01-01' });
    for (const [node, witness] of [
      [place.node, showing(place, [renewed])],
      [showing(place, [renewed]), place.node],
    ] as const) {
      const [seen] = await new TrustStore(drive, node, [witness.names]).refresh('bob');
      expect(seen!.claim.expiry).toBe('2031-01-01');
    }
  });

  function showing(place: TestPlace, chain: readonly UserPublicKeyLink[]): StorageNode {
    const bytes = encodeCbor(claimChainToCbor(chain));
    return { ...place.node, names: { ...place.node.names, chain: async () => bytes } };
  }
});
