import { describe, expect, it } from 'vitest';
import type { ShareRecipient } from '#lib/client/index.ts';
import { audienceOf, changeOfAudience } from './audience.ts';

const FRIENDS: ShareRecipient = { kind: 'group', name: 'friends' };
const FOLLOWERS: ShareRecipient = { kind: 'group', name: 'followers' };
const BOB: ShareRecipient = { kind: 'person', username: 'bob' };

describe('who sees a field', () => {
  it.each([
    [undefined, 'nobody'],
    [[], 'nobody'],
    [[BOB], 'some'],
    [[BOB, FRIENDS], 'friends'],
    [[FRIENDS, FOLLOWERS], 'followers'],
  ] as const)('is told as one word (%#)', (recipients, audience) => {
    expect(audienceOf(recipients)).toBe(audience);
  });

  it.each([
    [[], 'friends', [], [FRIENDS]],
    [[FRIENDS], 'friends', [], []],
    [[FRIENDS], 'followers', [FRIENDS], [FOLLOWERS]],
    [[FRIENDS, BOB], 'nobody', [FRIENDS, BOB], []],
    [[BOB], 'some', [], []],
    [[BOB], 'friends', [BOB], [FRIENDS]],
  ] as const)('changes by what is taken and given (%#)', (before, audience, remove, add) => {
    expect(changeOfAudience(before, audience)).toEqual({ remove, add });
  });
});
