/** What tests of accounts share: a node in memory, a seeded generator, and ways to die. */
import { asBytes, asMap, type Cid } from '#lib/codec/index.ts';
import {
  asKeyHash,
  BoxingKeyPair,
  deriveLogin,
  newLoginAlgorithm,
  sha256Now,
  Signer,
  SigningKeyPair,
  startCrypto,
  type ScryptAlgorithm,
} from '#lib/crypto/index.ts';
import { rememberingEngines } from '#lib/crypto/testing/remembering-engines.ts';
import { createLocalNode } from '#lib/node-local/index.ts';
import type { LocalNode } from '#lib/node-local/index.ts';
import { claimChainToCbor, createClaimLink } from '#lib/protocol/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { Commit, createPointerMemory } from '#lib/writers/index.ts';
import { claimExpiry } from './claim-renewal.ts';
import { sealLoginSecrets } from './login-record.ts';
import { buildNewSpace } from './initial-state.ts';
import { createMirrorBat, authoriseMirrorBat, type AccountDeps } from './session.ts';

// The first call decides which engines a test has.
void startCrypto({ engines: rememberingEngines });

export type MemoryStores = ReturnType<typeof createMemoryStores>;

/** Bytes that depend on the seed alone. */
export function seededRandom(seed: string) {
  let counter = 0;
  return (length: number): Uint8Array => {
    const out = new Uint8Array(length);
    for (let at = 0; at < length; at += 32) {
      const block = sha256Now(new TextEncoder().encode(`${seed}/${counter++}`));
      out.set(block.subarray(0, Math.min(32, length - at)), at);
    }
    return out;
  };
}

/** Does something at a place, and takes the largest block away that was stored meanwhile. */
export async function losingLargest(
  { stores }: Pick<TestPlace, 'stores'>,
  work: () => Promise<unknown>,
): Promise<void> {
  const before = new Set((await stores.blocks.list('')).map(({ key }) => key));
  await work();
  const stored = (await stores.blocks.list('')).filter(({ key }) => !before.has(key));
  const [largest] = stored.toSorted((a, b) => b.sizeBytes - a.sizeBytes);
  await stores.blocks.deleteMany([largest!.key]);
}

/** The cheapest cost a reader accepts, so that tests need not wait. */
export function cheapAlgorithm(random = seededRandom('salt')): ScryptAlgorithm {
  return { ...newLoginAlgorithm(random), m: 17 };
}

export interface TestPlace extends AccountDeps {
  readonly node: LocalNode;
  readonly stores: MemoryStores;
}

/** A node on stores in memory, and everything an account needs. */
export function createPlace(
  seed = 'place',
  options: { stores?: MemoryStores; nowMs?: number; clock?: () => number; nodeId?: Cid } = {},
): TestPlace {
  const stores = options.stores ?? createMemoryStores();
  const clock = options.clock ?? (() => options.nowMs ?? 1_795_423_041_900);
  const random = seededRandom(seed);
  const { nodeId } = options;
  const node = createLocalNode({
    ...stores,
    clock,
    random,
    ...(nodeId === undefined ? {} : { nodeId }),
  });
  return { stores, node, clock, random, pointerMemory: createPointerMemory() };
}

/**
 * An account of the oldest kind, as today's clients make no more (B-3 §7): all keys come of the
 * password, and the entry points lie sealed in the identity's public state.
 */
export async function createOldestAccount(
  place: TestPlace,
  { username, password }: { readonly username: string; readonly password: string },
): Promise<void> {
  const { node, random, clock } = place;
  const algorithm: ScryptAlgorithm = { type: 1, m: 17, c: 8, p: 1, o: 96, s: '' };
  const { login, root, legacyBoxSecret } = await deriveLogin(username, password, algorithm);
  const boxing = BoxingKeyPair.fromCurveSecret(legacyBoxSecret!);
  const [homeWriter, mirrorBat] = [SigningKeyPair.random(random), createMirrorBat(random)];
  const keys = { identity: login, boxing, homeWriter, mirrorBat };
  const claim = {
    username,
    expiry: claimExpiry(clock()),
    storageProviders: [await node.blocks.nodeId()],
  };
  const chain = claimChainToCbor([await createClaimLink(login, claim)]);
  await node.names.updateChain(username, chain, { prefix: new Uint8Array(8) }, '');
  const space = await buildNewSpace(place, username, algorithm, keys);
  const tid = await node.blocks.startTransaction(login.hash);
  for (const operation of space.operations) {
    const map = asMap(operation, 'an operation');
    const writer = asKeyHash(map.get('w'), 'its writer');
    const signed = asBytes(map.get('s'), 'its signature');
    const block = map.get('b');
    if (block === undefined) await node.pointers.set(login.hash, writer, signed);
    else {
      const blocks = [{ bytes: asBytes(block, 'its block'), authorisation: signed }];
      await node.blocks.put(login.hash, writer, blocks, 'dag-cbor', tid);
    }
  }
  await node.blocks.closeTransaction(login.hash, tid);
  await node.bats.add(login.hash, mirrorBat, await authoriseMirrorBat(login, clock()));
  const commit = new Commit(place, login.hash);
  const staticData = sealLoginSecrets(
    root,
    { entries: [{ capability: space.home, username }] },
    random,
  );
  await commit.changeWriterData(Signer.of(login), (data) => data.with({ staticData }));
  await commit.commit();
}

/** The process died here. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** Wraps every method (at any depth) so that call number `at` and all after it find a dead process. */
export function killedAt<T extends object>(target: T, at: number, counter = { calls: 0 }): T {
  return new Proxy(target, {
    get(object, key, receiver) {
      const value: unknown = Reflect.get(object, key, receiver);
      if (typeof value === 'object' && value !== null) return killedAt(value, at, counter);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (++counter.calls >= at) return Promise.reject(new Killed());
        return Reflect.apply(value, object, args) as unknown;
      };
    },
  });
}
