/**
 * Two people who meet scan each other's code: each scan verifies the other's keys and asks to follow,
 * or answers. After one scan each they are friends, by the same requests as always (C-1).
 *
 * The code is a name with the half fingerprint of its keys (C-5 §5.2), which a person's own device
 * made from keys it trusts. It is worth something only from that person's screen: one that came as a
 * text or a link says nothing about keys.
 */
import { fromHex, PyrgosError, toHex } from '#lib/bytes/index.ts';
import { UnreadableCode } from '../errors.ts';
import type { Follow } from '../follow/follow.ts';
import { HALF_BYTES } from './fingerprint.ts';
import type { Verification } from './verification.ts';

/** What came of a scan. */
export type Meeting =
  /** The keys are others than the code says: nothing was asked, and they are not verified. */
  | 'mismatch'
  /** Verified; they were asked, now or before, and have not answered. */
  | 'asked'
  /** Verified; we follow them, and they do not ask to follow us. */
  | 'following'
  /** Verified, and both follow each other. */
  | 'friends';

/** The text of our own code, to show beside our name. */
export async function ownCode(verification: Verification, signal?: AbortSignal): Promise<string> {
  return toHex(await verification.ownHalf(signal));
}

/**
 * Acts on the code that somebody shows. @throws UnreadableCode, FollowRefused for ourselves and for
 * people who are blocked, UnknownUser, InboxFull
 */
export async function meet(
  follow: Follow,
  verification: Verification,
  username: string,
  code: string,
  signal?: AbortSignal,
): Promise<Meeting> {
  const half = halfFrom(code);
  if (!(await verification.compareHalf(username, half, signal))) return 'mismatch';
  const people = await follow.state(signal);
  if (people.friends.includes(username)) return 'friends';
  if (people.pendingIncoming.includes(username)) {
    await follow.answer(username, 'follow-back', signal);
    return 'friends';
  }
  if (people.pendingOutgoing.includes(username)) return 'asked';
  if (people.following.includes(username)) return 'following';
  await follow.request(username, signal);
  return 'asked';
}

function halfFrom(code: string): Uint8Array {
  try {
    const half = fromHex(code);
    if (half.length === HALF_BYTES) return half;
  } catch (error) {
    if (!(error instanceof PyrgosError)) throw error;
  }
  throw new UnreadableCode();
}
