/** Friends of an account of the oldest kind, which gets another identity with its next password. */
import { describe, expect, it } from 'vitest';
import { changePassword, signIn } from '#lib/account/index.ts';
import { createOldestAccount, seededRandom, type TestPlace } from '#lib/account/testing.ts';
import { createPointerMemory } from '#lib/writers/index.ts';
import {
  befriend,
  createTown,
  personOf,
  putText,
  seen,
  settle,
  type TestPerson,
} from '../testing.ts';
import type { Recipient } from './sharing.ts';

const ALICE: Recipient = { kind: 'person', username: 'alice' };
const OLD = 'olga was here early';
const NEW = 'olga stays a long while';

async function olgaSignedIn(town: TestPlace, password: string): Promise<TestPerson> {
  const deps = { ...town, random: seededRandom(password), pointerMemory: createPointerMemory() };
  const session = await signIn(deps, { username: 'olga', password });
  return personOf(town, session, `olga ${password}`);
}

async function friends() {
  const town = createTown();
  const alice = await settle(town, 'alice');
  await createOldestAccount(town, { username: 'olga', password: OLD });
  const olga = await olgaSignedIn(town, OLD);
  await befriend(olga, alice);
  await putText(olga, ['before.txt'], 'before');
  await olga.sharing.share([['olga', 'before.txt']], [ALICE], 'read');
  return { town, alice, olga };
}

describe('a friend whose identity changed', () => {
  it('is seen as before, with what was shared before and after', { timeout: 60_000 }, async () => {
    const { town, alice } = await friends();
    expect(await seen(alice.another(), 'olga')).toEqual({ 'before.txt': 'before' });
    await changePassword(town, { username: 'olga', oldPassword: OLD, newPassword: NEW });
    const olga = await olgaSignedIn(town, NEW);
    await putText(olga, ['after.txt'], 'after');
    await olga.sharing.share([['olga', 'after.txt']], [ALICE], 'read');
    expect(await seen(alice.another(), 'olga')).toEqual({
      'before.txt': 'before',
      'after.txt': 'after',
    });
  });

  it('is seen as before by who knows only the new one', { timeout: 60_000 }, async () => {
    const { town, alice } = await friends();
    await changePassword(town, { username: 'olga', oldPassword: OLD, newPassword: NEW });
    await alice.deps.identitiesOf('olga');
    expect(await seen(alice.another(), 'olga')).toEqual({ 'before.txt': 'before' });
  });

  it(
    'still sees what her friends shared with her, and is asked for nothing',
    { timeout: 60_000 },
    async () => {
      const { town, alice } = await friends();
      await putText(alice, ['early.txt'], 'early');
      await alice.sharing.share(
        [['alice', 'early.txt']],
        [{ kind: 'person', username: 'olga' }],
        'read',
      );
      await changePassword(town, { username: 'olga', oldPassword: OLD, newPassword: NEW });
      const olga = await olgaSignedIn(town, NEW);
      expect(await seen(olga, 'alice')).toEqual({ 'early.txt': 'early' });
      expect(await alice.follow.state()).toMatchObject({ friends: ['olga'], pendingIncoming: [] });
      expect(await olga.follow.state()).toMatchObject({ friends: ['alice'], pendingIncoming: [] });
    },
  );
});
