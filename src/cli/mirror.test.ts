/** A second server keeps a copy of an account, and takes its place. */
import { expect, it } from 'vitest';
import { startNode } from '../../tests/server/temp-nodes.ts';
import { EXIT } from './errors.ts';
import { createPerson, signUpCheaply } from './testing.ts';

const OPEN = { p2pPort: 0, p2pHost: '127.0.0.1', p2pPrivate: true } as const;

it('an account is mirrored, moved by its servers, and taken over from its mirror', async () => {
  const [first, second, third] = await Promise.all([
    startNode(OPEN),
    startNode(OPEN),
    startNode(OPEN),
  ]);
  const dora = createPerson({ PYRGOS_USER: 'dora' });
  const at = ({ url }: { readonly url: string }): string[] => ['--node', url];
  await signUpCheaply(dora, 'dora');
  await dora.run(['move', '--to', first.url]);
  await dora.run([...at(first), 'put', '-', 'kept.txt'], 'kept');
  const moved = await dora.run([...at(first), 'move', '--by', 'servers', '--to', second.url]);
  expect(moved).toMatchObject({ exitCode: 0, err: '' });
  const mirrored = await dora.run([...at(second), 'mirror', '--at', third.url]);
  expect(mirrored).toMatchObject({ exitCode: 0, err: '' });
  expect(mirrored.out).toContain('has a copy');
  await second.close();
  expect((await dora.run([...at(third), 'cat', 'kept.txt'])).out).toBe('kept');
  const refused = await dora.run([...at(third), 'put', '-', 'new.txt'], 'new');
  expect(refused).toMatchObject({ exitCode: EXIT.unreachable });
  expect((await dora.run([...at(third), 'take-over'])).exitCode).toBe(EXIT.misused);
  expect(await dora.run([...at(third), 'take-over', '--yes'])).toMatchObject({ exitCode: 0 });
  await dora.run([...at(third), 'put', '-', 'new.txt'], 'new');
  expect((await dora.run([...at(third), 'cat', 'new.txt'])).out).toBe('new');
}, 120_000);
