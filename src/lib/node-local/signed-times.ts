/**
 * What an identity signed in order to change something counts once. The protocol signs only a path
 * and a time, or a time inside the request, so somebody who has seen such a request could send it again,
 * some of them with other parameters (B-1 §1.2). Each is good for minutes, and never after a newer
 * one. The newest times lie in the records, so that all processes of a node know them.
 *
 * Several in one millisecond are told apart by what they are for: one client may send two that fast.
 * The same twice in one millisecond has the same bytes and is a repetition.
 */
import { asInteger, asList, asText, decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import {
  openSignedRequest,
  REQUEST_WINDOW_MS,
  RequestRepeated,
  StaleClock,
} from '#lib/protocol/index.ts';
import type { RecordEntry } from '#lib/stores/index.ts';
import { compareAndSet } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { publicKeyOf } from './public-keys.ts';
import { listRecords, read, replace, TABLE } from './records.ts';

/** Times of different windows do not disturb each other. */
type Series = 'changes' | 'messages' | 'pending';

export interface SignedTime {
  readonly series: Series;
  readonly timeMs: number;
  /** Distinguishes what is signed in the same millisecond. */
  readonly what: string;
  readonly windowMs?: number;
}

interface Newest {
  readonly timeMs: number;
  readonly whats: readonly string[];
}

/** Throws `StaleClock`, and {@link RequestRepeated} unless the time is newer than all that counted. */
export async function useSignedTime(
  deps: LocalNodeDeps,
  identity: KeyHash,
  { series, timeMs, what, windowMs = REQUEST_WINDOW_MS }: SignedTime,
): Promise<void> {
  if (Math.abs(deps.clock() - timeMs) > windowMs) throw new StaleClock();
  await compareAndSet(deps.records, async () => {
    const key = keyOf(identity, series);
    const newest = await read(deps.records, TABLE.signedTimes, key, newestFrom);
    const { timeMs: newestMs, whats } = newest.value ?? { timeMs: timeMs - 1, whats: [] };
    const isSame = timeMs === newestMs;
    if (timeMs < newestMs || (isSame && whats.includes(what))) throw new RequestRepeated(newestMs);
    const next = { timeMs, whats: isSame ? [...whats, what] : [what] };
    const change = { expect: [newest.entry], writes: [replace(newest.entry, newestToBytes(next))] };
    return { change, result: undefined };
  });
}

/** A request to change something that `identity` signed for exactly this path (B-1 §1.2). */
export async function useSignedRequest(
  deps: LocalNodeDeps,
  identity: KeyHash,
  auth: Uint8Array,
  path: string,
): Promise<void> {
  const timeMs = await openSignedRequest(await publicKeyOf(deps, identity), auth, path);
  await useSignedTime(deps, identity, { series: 'changes', timeMs, what: path });
}

/** The record that a signed request which came inside a sign-up leaves behind. */
export function usedRequest(identity: KeyHash, timeMs: number, what: string): RecordEntry {
  const value = newestToBytes({ timeMs, whats: [what] });
  return { table: TABLE.signedTimes, key: keyOf(identity, 'changes'), value };
}

/** What is kept of an identity here. */
export async function signedTimesOf(
  deps: LocalNodeDeps,
  identity: string,
): Promise<{ table: string; key: string }[]> {
  const listed = await listRecords(deps.records, TABLE.signedTimes, `${identity}/`);
  return listed.map(({ key }) => ({ table: TABLE.signedTimes, key }));
}

function keyOf(identity: KeyHash, series: Series): string {
  return `${identity.toString()}/${series}`;
}

function newestToBytes({ timeMs, whats }: Newest): Uint8Array {
  return encodeCbor([timeMs, [...whats]]);
}

function newestFrom(bytes: Uint8Array): Newest {
  const [timeMs, whats] = asList(decodeBlock(bytes), 'A signed time');
  return {
    timeMs: asInteger(timeMs, 'A signed time'),
    whats: asList(whats, 'What was signed').map((what) => asText(what, 'What was signed')),
  };
}
