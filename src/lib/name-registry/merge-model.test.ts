/**
 * The merge of claim chains (B-2 §4) against a model that knows no signatures: chains of letters and
 * days, judged by the rules as they are written. What the model takes, the registry of a network and
 * a mirror of it take; what it refuses, neither does.
 */
import { beforeAll, expect, it } from 'vitest';
import { startCrypto } from '#lib/crypto/index.ts';
import { createClaimLink, mergeClaimChains, NEVER_EXPIRES } from '#lib/protocol/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';
import { createMirror, HOME, keyPair, OTHER_HOME, SimulatedRegistry } from './testing.ts';

beforeAll(() => startCrypto());

/** A link of the model: a key, a day (Infinity: never), which home, and the key it hands over to. */
interface Link {
  readonly key: string;
  readonly day: number;
  readonly home: 0 | 1 | undefined;
  readonly next?: string;
}

const same = (a: Link | undefined, b: Link | undefined) => JSON.stringify(a) === JSON.stringify(b);

/** B-2 §3, as far as honest signatures leave something to be wrong. */
function isValid(chain: readonly Link[]): boolean {
  return (
    chain.length > 0 &&
    chain.every(({ home, next }, i) => {
      const isLast = i === chain.length - 1;
      return isLast ? home !== undefined : home === undefined && next === chain[i + 1]!.key;
    })
  );
}

/** B-2 §4, rule by rule; undefined: an error. */
function merged(existing: readonly Link[], updated: readonly Link[]): readonly Link[] | undefined {
  if (existing.length === 0) return isValid(updated) ? updated : undefined;
  let k = 0;
  while (k < updated.length && same(updated[k], existing[k])) k++;
  const tail = updated.slice(k);
  if (tail.length === 0) return updated.length === existing.length ? existing : undefined;
  const last = existing.at(-1)!;
  if (tail[0]!.day < last.day) return undefined;
  if (tail[0]!.key !== last.key) return undefined;
  if (existing.slice(0, -1).some(({ key }) => key === tail.at(-1)!.key)) return undefined;
  const result = [...existing.slice(0, -1), ...tail];
  return isValid(result) ? result : undefined;
}

/** Numbers that are the same each time. */
function dice(seed: number) {
  let state = seed;
  return (sides: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

const KEYS = ['a', 'b', 'c', 'd', 'e'];

/** Something that a user, a mistaken or a hostile one might send for this chain. */
function someUpdate(existing: readonly Link[], roll: (sides: number) => number): Link[] {
  const last = existing.at(-1);
  const key = roll(4) > 0 && last !== undefined ? last.key : KEYS[roll(KEYS.length)]!;
  const day = roll(4) === 0 ? roll(20) : (last?.day ?? 0) + roll(3);
  const home = roll(8) === 0 ? undefined : (roll(2) as 0 | 1);
  const end: Link = { key, day: Number.isFinite(day) ? day : 1, home };
  const start = existing.slice(0, roll(3) === 0 ? roll(existing.length + 1) : -1);
  if (roll(3) > 0) return [...start, end];
  const next = KEYS[roll(KEYS.length)]!;
  const isHonest = roll(6) > 0;
  return [
    ...(roll(2) === 0 ? start : []),
    { key, day: Infinity, home: undefined, next: isHonest ? next : KEYS[roll(KEYS.length)]! },
    { key: next, day: roll(20), home: roll(8) === 0 ? undefined : 0 },
  ];
}

const made = new Map<string, Promise<UserPublicKeyLink>>();

function real({ key, day, home, next }: Link): Promise<UserPublicKeyLink> {
  const id = JSON.stringify([key, String(day), home, next]);
  const expiry = Number.isFinite(day)
    ? `2027-01-${String(day + 1).padStart(2, '0')}`
    : NEVER_EXPIRES;
  const link =
    made.get(id) ??
    createClaimLink(
      keyPair(key),
      {
        username: 'alice',
        expiry,
        storageProviders: home === undefined ? [] : [[HOME, OTHER_HOME][home]!],
      },
      next === undefined ? undefined : keyPair(next).hash,
    );
  made.set(id, link);
  return link;
}

const reals = (chain: readonly Link[]) => Promise.all(chain.map(real));
const isLegalDay = ({ day }: Link) => day < 28 || day === Infinity;

it('takes what the rules take, and refuses what they refuse', async () => {
  let [taken, refused] = [0, 0];
  for (let seed = 1; seed <= 60; seed++) {
    const roll = dice(seed);
    let existing: readonly Link[] = [];
    for (let round = 0; round < 12; round++) {
      const update = someUpdate(existing, roll);
      if (!update.every(isLegalDay)) continue;
      const expected = merged(existing, update);
      const result = await mergeClaimChains(
        await reals(existing),
        await reals(update),
        'alice',
      ).catch(() => undefined);
      expect(result).toEqual(expected && (await reals(expected)));
      if (expected === undefined) refused++;
      else taken++;
      existing = expected ?? existing;
    }
  }
  expect(Math.min(taken, refused)).toBeGreaterThan(100);
});

it('lets a mirror follow exactly the chains that the rules lead to', async () => {
  for (let seed = 100; seed < 115; seed++) {
    const roll = dice(seed);
    const registry = new SimulatedRegistry();
    const { step, names } = createMirror(registry);
    await registry.set({ bob: [await createClaimLink(keyPair('bob'), bobs())] });
    await step();
    let existing: readonly Link[] = [];
    for (let round = 0; round < 8; round++) {
      const update = someUpdate(existing, roll);
      if (!update.every(isLegalDay) || update.length === 0 || same2(existing, update)) continue;
      const before = { root: registry.root, state: await names.state() };
      await registry.set({ alice: await reals(update) });
      const isTaken = await step().then(
        () => true,
        () => false,
      );
      // The registry holds whole chains: what a merge would only complete is not one.
      const expected = merged(existing, update);
      expect(isTaken).toBe(expected !== undefined && same2(expected, update));
      if (isTaken) existing = update;
      else await registry.publish(before.root);
      expect((await names.state())!.number).toBeGreaterThanOrEqual(before.state!.number);
    }
  }
});

function same2(a: readonly Link[], b: readonly Link[]): boolean {
  return a.length === b.length && a.every((link, i) => same(link, b[i]));
}

function bobs() {
  return { username: 'bob', expiry: '2027-01-01', storageProviders: [HOME] };
}
