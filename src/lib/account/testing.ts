/** What tests of accounts share: a node in memory, a seeded generator, and ways to die. */
import type { Cid } from '#lib/codec/index.ts';
import { newLoginAlgorithm, sha256Now, type ScryptAlgorithm } from '#lib/crypto/index.ts';
import { createLocalNode, type LocalNode } from '#lib/node/index.ts';
import { createPointerMemory } from '#lib/pointers/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import type { AccountDeps } from './session.ts';

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

/** The cheapest cost a reader accepts, so that tests need not wait. */
export function cheapAlgorithm(random = seededRandom('salt')): ScryptAlgorithm {
  return { ...newLoginAlgorithm(random), m: 15 };
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
