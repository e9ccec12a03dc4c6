import { describe, expect, it } from 'vitest';
import { Follow } from './follow.ts';
import { sendRequest } from './inbox.ts';
import { folderFor } from './people.ts';
import { befriend, createTown, putText, seen, settle, type TestPerson } from '../testing.ts';

/** Who is who, without what is empty. */
async function shownTo(person: TestPerson) {
  const state = await person.another().follow.state();
  return Object.fromEntries(Object.entries(state).filter(([, names]) => names.length > 0));
}

async function aliceAndBob() {
  const town = createTown();
  return { town, alice: await settle(town, 'alice'), bob: await settle(town, 'bob') };
}

describe('following', () => {
  it('makes two people friends who both want it', async () => {
    const { alice, bob } = await aliceAndBob();
    await alice.follow.request('bob');
    expect(await shownTo(alice)).toEqual({ pendingOutgoing: ['bob'] });
    expect(await shownTo(bob)).toEqual({ pendingIncoming: ['alice'] });
    await bob.follow.answer('alice', 'follow-back');
    const both = (name: string) => ({ followers: [name], following: [name], friends: [name] });
    expect(await shownTo(bob)).toEqual(both('alice'));
    expect(await shownTo(alice)).toEqual(both('bob'));
  });

  it('goes one way where the other only allows it', async () => {
    const { alice, bob } = await aliceAndBob();
    await alice.follow.request('bob');
    await bob.follow.answer('alice', 'allow');
    expect(await shownTo(alice)).toEqual({ following: ['bob'] });
    expect(await shownTo(bob)).toEqual({ followers: ['alice'] });
  });

  it('leaves nothing where the other denies it', async () => {
    const { alice, bob } = await aliceAndBob();
    await alice.follow.request('bob');
    await bob.follow.answer('alice', 'deny');
    expect(await shownTo(alice)).toEqual({});
    expect(await shownTo(bob)).toEqual({});
    await alice.follow.request('bob');
    expect(await shownTo(bob)).toEqual({ pendingIncoming: ['alice'] });
  });

  it('is asked for once, however often the request is sent', async () => {
    const { alice, bob } = await aliceAndBob();
    await alice.follow.request('bob');
    await alice.follow.request('bob');
    expect(await shownTo(bob)).toEqual({ pendingIncoming: ['alice'] });
    await bob.follow.answer('alice', 'follow-back');
    expect((await shownTo(alice))['friends']).toEqual(['bob']);
    expect(await shownTo(bob)).toMatchObject({ friends: ['alice'] });
  });

  it('ends for who is blocked, and begins again after that', async () => {
    const { alice, bob } = await aliceAndBob();
    await befriend(alice, bob);
    await alice.follow.block('bob');
    expect(await shownTo(alice)).toEqual({ followers: ['bob'], blocked: ['bob'] });
    await expect(alice.follow.request('bob')).rejects.toMatchObject({ name: 'FollowRefused' });
    await alice.follow.unblock('bob');
    expect((await shownTo(alice))['friends']).toEqual(['bob']);
  });

  it('keeps what a follower sees who is asked, and only allows it', async () => {
    const { alice, bob } = await aliceAndBob();
    await bob.follow.request('alice');
    await alice.follow.answer('bob', 'allow');
    await bob.follow.state();
    await putText(alice, ['song.txt'], 'la la');
    await alice.sharing.share(
      [['alice', 'song.txt']],
      [{ kind: 'person', username: 'bob' }],
      'read',
    );
    await alice.follow.request('bob');
    await bob.follow.answer('alice', 'allow');
    const state = await alice.follow.state();
    expect([state.followers, state.following]).toEqual([['bob'], ['bob']]);
    expect(await seen(bob.another(), 'alice')).toEqual({ 'song.txt': 'la la' });
  });

  it.each(['alice', 'nobody-here'])('cannot be asked of %s', async (username) => {
    const { alice } = await aliceAndBob();
    await expect(alice.follow.request(username)).rejects.toMatchObject({
      name: username === 'alice' ? 'FollowRefused' : 'UnknownUser',
    });
    expect(await shownTo(alice)).toEqual({});
  });

  it('is refused in the name of somebody else', async () => {
    const { town, alice, bob } = await aliceAndBob();
    const mallory = await settle(town, 'mallory');
    const forged = { ...mallory.deps, person: { ...mallory.deps.person, username: 'alice' } };
    const entry = await mallory.drive.change((change, home) => folderFor(change, home, 'bob'));
    await sendRequest(forged, 'bob', { entry: { ...entry, username: 'alice' }, key: undefined });
    await expect(bob.follow.answer('alice', 'follow-back')).rejects.toMatchObject({
      name: 'FollowRefused',
    });
    expect((await bob.follow.state()).following).toEqual([]);
    expect((await alice.follow.state()).following).toEqual([]);
  });

  it('leaves no trace where the request could not be sent', async () => {
    const { alice } = await aliceAndBob();
    const inbox = { ...alice.deps.node.inbox, send: () => Promise.resolve(false) };
    const follow = new Follow({ ...alice.deps, node: { ...alice.deps.node, inbox } });
    await expect(follow.request('bob')).rejects.toMatchObject({ name: 'InboxFull' });
    expect(await shownTo(alice)).toEqual({});
  });
});
