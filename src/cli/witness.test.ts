/** A second node at the command line. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EXIT } from './errors.ts';
import { createPerson, signUpCheaply } from './testing.ts';

it('says nothing of people whose keys a second node contradicts', { timeout: 60_000 }, async () => {
  const alice = createPerson({ PYRGOS_USER: 'alice' });
  for (const name of ['alice', 'carol']) await signUpCheaply(alice, name);
  const elsewhere = createPerson({});
  await signUpCheaply(elsewhere, 'carol');
  const witness = `dir:${join(elsewhere.folder, 'drive')}`;
  const doubted = await alice.run(['--witness', witness, '--json', 'follow', 'carol']);
  expect(doubted).toMatchObject({ exitCode: EXIT.refused, out: '' });
  expect(JSON.parse(doubted.err)).toMatchObject({ error: { name: 'IdentityDisputed' } });
  expect(doubted.err).toMatch(/says (?:[0-9a-f]{4} ){7}[0-9a-f]{4}, .*says (?:[0-9a-f]{4} ?){8}/u);
  expect((await alice.run(['requests'])).out).toBe('');
  const missing = await alice.run(['--witness', 'dir:nowhere', 'friends']);
  expect(missing).toMatchObject({ exitCode: EXIT.notFound });
});
