import { expect, it } from 'vitest';
import { childIn, removeIn } from '#lib/drive/index.ts';
import { befriend, createTown, seen, settle } from '../testing.ts';

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
