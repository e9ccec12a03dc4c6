/** Two people who meet: one scan each makes them verified friends, in whichever order they scan. */
import { describe, expect, it } from 'vitest';
import { befriend, createTown, settle, type TestPerson } from '../testing.ts';
import { meet, ownCode } from './meet.ts';

async function two() {
  const town = createTown();
  return { town, alice: await settle(town, 'alice'), bob: await settle(town, 'bob') };
}

const codeOf = (who: TestPerson) => ownCode(who.another().verification);

/** One scans the code of another, at a device that has just begun. */
async function scans(who: TestPerson, other: TestPerson, code?: string) {
  const { follow, verification } = who.another();
  return meet(follow, verification, other.username, code ?? (await codeOf(other)));
}

async function areVerifiedFriends(one: TestPerson, other: TestPerson): Promise<void> {
  for (const [who, friend] of [
    [one, other],
    [other, one],
  ] as const) {
    const device = who.another();
    expect(await device.follow.state()).toMatchObject({
      friends: [friend.username],
      pendingIncoming: [],
      pendingOutgoing: [],
    });
    expect(await device.verification.stateOf(friend.username)).toEqual({ kind: 'verified' });
  }
}

describe('two people who scan each other', () => {
  it('are verified friends after one scan each', async () => {
    const { alice, bob } = await two();
    expect(await scans(alice, bob)).toBe('asked');
    expect(await alice.verification.stateOf('bob')).toEqual({ kind: 'verified' });
    expect(await bob.verification.stateOf('alice')).toEqual({ kind: 'not-verified' });
    expect(await scans(bob, alice)).toBe('friends');
    await areVerifiedFriends(alice, bob);
  });

  it('may both scan before either hears of the other', async () => {
    const { alice, bob } = await two();
    await alice.follow.request('bob');
    await bob.follow.request('alice');
    expect(await scans(alice, bob)).toBe('friends');
    expect(await scans(bob, alice)).toBe('friends');
    await areVerifiedFriends(alice, bob);
  });

  it('are verified where they are friends already, and ask no more', async () => {
    const { alice, bob } = await two();
    await befriend(alice, bob);
    expect(await scans(alice, bob)).toBe('friends');
    expect(await scans(bob, alice)).toBe('friends');
    await areVerifiedFriends(alice, bob);
  });

  it('may scan twice', async () => {
    const { alice, bob } = await two();
    expect(await scans(alice, bob)).toBe('asked');
    expect(await scans(alice, bob)).toBe('asked');
    expect(await scans(bob, alice)).toBe('friends');
    expect(await scans(alice, bob)).toBe('friends');
    await areVerifiedFriends(alice, bob);
  });
});

describe('a code', () => {
  it('says the same at each device, and something else for each person', async () => {
    const { alice, bob } = await two();
    expect(await codeOf(alice)).toMatch(/^[0-9a-f]{64}$/u);
    expect(await codeOf(alice)).toBe(await codeOf(alice));
    expect(await codeOf(alice)).not.toBe(await codeOf(bob));
  });

  it('of other keys asks for nothing, and takes back what was verified before', async () => {
    const { town, alice, bob } = await two();
    const mallory = await settle(town, 'mallory');
    await alice.verification.mark('bob', true);
    expect(await scans(alice, bob, await codeOf(mallory))).toBe('mismatch');
    expect(await alice.another().verification.stateOf('bob')).toEqual({ kind: 'not-verified' });
    expect(await alice.another().follow.state()).toMatchObject({ pendingOutgoing: [] });
    expect(await bob.another().follow.state()).toMatchObject({ pendingIncoming: [] });
  });

  it.each(['', 'hello', 'ab'.repeat(31), 'ab'.repeat(33), 'zz'.repeat(32)])(
    'that is none (%j) changes nothing',
    async (code) => {
      const { alice, bob } = await two();
      await alice.verification.mark('bob', true);
      await expect(scans(alice, bob, code)).rejects.toMatchObject({ name: 'UnreadableCode' });
      expect(await alice.another().verification.stateOf('bob')).toEqual({ kind: 'verified' });
    },
  );

  it('of oneself, of a stranger and of somebody blocked is refused', async () => {
    const { alice, bob } = await two();
    const { follow, verification } = alice;
    const code = await codeOf(alice);
    const refused = { name: 'FollowRefused' };
    await expect(meet(follow, verification, 'alice', code)).rejects.toMatchObject(refused);
    await alice.follow.block('bob');
    await expect(scans(alice, bob)).rejects.toMatchObject(refused);
    await expect(meet(follow, verification, 'nobody', code)).rejects.toMatchObject({
      name: 'UnknownUser',
    });
    expect(await alice.another().verification.marked()).toEqual(['bob']);
    expect(await alice.another().follow.people()).toMatchObject({ pendingOutgoing: [] });
  });
});
