import { expect, it } from 'vitest';
import { childIn, removeIn } from '#lib/drive/index.ts';
import { befriend, createTown, putText, seen, settle } from '../testing.ts';

it('the tree of a friend who removed us is refused by name, and other trees are still read', async () => {
  const town = createTown();
  const [alice, bob] = [await settle(town, 'alice'), await settle(town, 'bob')];
  await befriend(alice, bob);
  await befriend(await settle(town, 'carol'), bob);
  await alice.drive.change(async (change, home) => {
    await removeIn(change, (await childIn(change, home, 'shared'))!, 'bob');
  });
  await expect(seen(bob.another(), 'alice')).rejects.toMatchObject({
    name: 'FriendGone',
    message: expect.stringContaining('“alice”') as string,
  });
  expect(await seen(bob.another(), 'carol')).toEqual({});
});

it('a friend who removed us can be asked again, and what they share after that is seen', async () => {
  const town = createTown();
  const [alice, bob] = [await settle(town, 'alice'), await settle(town, 'bob')];
  await befriend(alice, bob);
  for (const name of ['first.txt', 'second.txt']) await putText(alice, [name], 'content');
  const share = (name: string) =>
    alice.another().sharing.share([['alice', name]], [{ kind: 'person', username: 'bob' }], 'read');
  await share('first.txt');
  expect(await seen(bob.another(), 'alice')).toEqual({ 'first.txt': 'content' });
  await expect(bob.another().follow.request('alice')).rejects.toMatchObject({
    name: 'FollowRefused',
  });
  expect(await bob.another().follow.gone()).toEqual([]);
  await alice.another().follow.removeFollower('bob');
  expect(await bob.another().follow.gone()).toEqual(['alice']);
  expect(await alice.another().follow.gone()).toEqual([]);
  await bob.another().follow.request('alice');
  await alice.another().follow.answer('bob', 'follow-back');
  expect(await bob.another().follow.state()).toMatchObject({ friends: ['alice'] });
  expect(await bob.another().follow.gone()).toEqual([]);
  expect(await seen(bob.another(), 'alice')).toEqual({});
  await share('second.txt');
  expect(await seen(bob.another(), 'alice')).toEqual({ 'second.txt': 'content' });
  await expect(bob.another().follow.request('alice')).rejects.toMatchObject({
    name: 'FollowRefused',
  });
});
