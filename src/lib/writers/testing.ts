/** An account on a local node in memory, for the tests of this room and those above it. */
import { cborMap, CODEC, decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { fromHex } from '#lib/bytes/index.ts';
import type { Random } from '#lib/bytes/index.ts';
import {
  hashBlockNow,
  sha256Now,
  signDetached,
  Signer,
  SigningKeyPair,
  startCrypto,
} from '#lib/crypto/index.ts';
import type { KeyHash, MapKey } from '#lib/crypto/index.ts';
import { rememberingEngines } from '#lib/crypto/testing/remembering-engines.ts';
import { createLocalNode } from '#lib/node-local/index.ts';
import type { LocalNode } from '#lib/node-local/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { claimChainToCbor, createClaimLink } from '#lib/protocol/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { Commit } from './commit.ts';
import type { SpaceDeps } from './deps.ts';
import { createPointerMemory } from './pointer-memory.ts';

export { Lost, observed, tally } from './faults.ts';
export type { FaultPlan } from './faults.ts';

export interface TestAccount {
  readonly node: LocalNode;
  readonly deps: SpaceDeps;
  readonly owner: KeyHash;
  readonly identity: Signer;
  /** The writer of the home space, with an empty data map. */
  readonly home: Signer;
  readonly clock: { nowMs: number };
}

/** Signs an account up. `seed` makes its keys and everything random. */
export async function createTestAccount(
  seed = 1,
  options: { quotaBytes?: () => number } = {},
): Promise<TestAccount> {
  // Several times faster, and every engine agrees with the reference.
  await startCrypto({ engines: rememberingEngines });
  const clock = { nowMs: 1_900_000_000_000 };
  const random = seededRandom(seed);
  const node = createLocalNode({
    ...createMemoryStores(),
    clock: () => clock.nowMs,
    random,
    ...options,
  });
  const identity = SigningKeyPair.random(random);
  const deps = depsOn(node, random, clock);
  const { home, operations } = await firstState(deps, identity, SigningKeyPair.random(random));
  await signUp(node, identity, operations);
  return { node, deps, owner: identity.hash, identity: Signer.of(identity), home, clock };
}

/** What another client of the same account works with: its own memory, and maybe another view of the node. */
export function depsOn(
  node: StorageNode,
  random: Random = seededRandom(99),
  clock = { nowMs: 1_900_000_000_000 },
): SpaceDeps {
  return {
    node,
    random,
    clock: () => clock.nowMs,
    pointerMemory: createPointerMemory(),
    pause: () => Promise.resolve(),
  };
}

/** Bytes that depend on the seed alone. */
export function seededRandom(seed: number): Random {
  let counter = 0;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let offset = 0; offset < length; offset += 32) {
      const block = sha256Now(encodeCbor([seed, counter++]));
      bytes.set(block.subarray(0, length - offset), offset);
    }
    return bytes;
  };
}

/** The i-th of many map keys. */
export function mapKeyAt(i: number): MapKey {
  return sha256Now(encodeCbor(['map key', i])) as MapKey;
}

export function rawBlock(i: number, length: number): { bytes: Uint8Array; cid: Cid } {
  const bytes = new Uint8Array(length).fill(i);
  bytes.set(sha256Now(encodeCbor(['raw', i])).subarray(0, length));
  return { bytes, cid: hashBlockNow(bytes, CODEC.raw) };
}

async function firstState(deps: SpaceDeps, identity: SigningKeyPair, writer: SigningKeyPair) {
  const commit = Commit.forNewAccount(deps, Signer.of(identity), {
    algorithm: decodeCbor(fromHex('a16474797065' + '00')),
  });
  const home = await commit.createWriter(Signer.of(identity), writer);
  await commit.removeMapped(home, []);
  return { home, operations: await commit.buildOpLog() };
}

async function signUp(
  node: LocalNode,
  identity: SigningKeyPair,
  operations: Awaited<ReturnType<Commit['buildOpLog']>>,
): Promise<void> {
  const username = 'alice';
  const login = cborMap([
    ['u', username],
    ['e', [new Uint8Array(24), new Uint8Array(32)]],
    ['r', identity.publicKey.toCbor()],
  ]);
  const opLog = cborMap([
    ['ops', operations],
    ['login', login],
    ['loginAuth', await signDetached(identity, encodeCbor(login))],
  ]);
  const claim = { username, expiry: '2031-01-01', storageProviders: [await node.blocks.nodeId()] };
  const chain = claimChainToCbor([await createClaimLink(identity, claim)]);
  const work = { prefix: new Uint8Array(8) };
  await node.accounts.signUp({ username, chain, opLog: encodeCbor(opLog), work, token: '' });
}
