/** Accounts that travel: into files, out of files into a server, and from node to node. */
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { startNode } from '../../tests/server/temp-nodes.ts';
import { EXIT } from './errors.ts';
import { createPerson, signUpCheaply, type TestPerson } from './testing.ts';

describe('an account that travels', { timeout: 120_000 }, () => {
  let alice: TestPerson;
  const local = (name: string): string => join(alice.folder, name);
  const at = (url: string): string[] => ['--node', url];

  beforeAll(async () => {
    alice = createPerson({ PYRGOS_USER: 'alice' });
    await signUpCheaply(alice, 'alice');
    await alice.run(['put', '-', 'kept.txt'], 'kept');
    await alice.run(['put', '-', 'large'], Buffer.alloc(3_000_000, 'large'));
    await alice.run(['export', 'files']);
  }, 60_000);

  it('goes from files into a server, once', async () => {
    const { url } = await startNode();
    const imported = await alice.run([...at(url), '--json', 'import', 'files']);
    expect(imported).toMatchObject({ exitCode: 0, err: '' });
    expect(JSON.parse(imported.out)).toEqual({ username: 'alice', new: true });
    expect((await alice.run([...at(url), 'cat', 'kept.txt'])).out).toBe('kept');
    const again = await alice.run([...at(url), '--json', 'import', 'files']);
    expect(JSON.parse(again.out)).toEqual({ username: 'alice', new: false });
    await alice.run([...at(url), 'mkdir', 'newer']);
    const older = await alice.run([...at(url), 'import', 'files']);
    expect(older).toMatchObject({ exitCode: EXIT.refused });
    expect((await alice.run([...at(url), 'ls'])).out).toContain('newer/');
  });

  it('comes back to a server that no longer has it, though its claim names that one', async () => {
    const carol = createPerson({ PYRGOS_USER: 'carol' });
    await signUpCheaply(carol, 'carol');
    await carol.run(['put', '-', 'kept.txt'], 'kept');
    await carol.run(['export', 'files']);
    const away = await startNode();
    await carol.run(['move', '--to', away.url]);
    await carol.run(['move', '--to', away.url, '--confirm']);
    const { url } = await startNode({ dataFolder: join(carol.folder, 'drive') });
    expect(await carol.run([...at(url), 'import', 'files'])).toMatchObject({ exitCode: 0 });
    expect((await carol.run([...at(url), 'cat', 'kept.txt'])).out).toBe('kept');
  });

  it('needs its password, an invitation and whole files', async () => {
    const { url } = await startNode({ signUps: 'token' });
    const wrong = await alice.run([...at(url), 'import', '--password', 'x', 'files']);
    expect(wrong).toMatchObject({ exitCode: EXIT.refused });
    const uninvited = await alice.run([...at(url), 'import', 'files']);
    expect(uninvited.exitCode).toBe(EXIT.refused);
    expect(uninvited.err).toContain('--token');
    await alice.run(['export', 'cut']);
    const whole = readFileSync(local('cut/blocks.car'));
    writeFileSync(local('cut/blocks.car'), whole.subarray(0, whole.length - 1));
    const cut = await alice.run([...at(url), 'import', 'cut']);
    expect(cut).toMatchObject({ exitCode: EXIT.damaged });
    expect(await alice.run([...at(url), 'ls'])).toMatchObject({ exitCode: EXIT.refused });
  });

  it('moves, keeps its old place until it is confirmed, and is gone from there then', async () => {
    const bob = createPerson({ PYRGOS_USER: 'bob' });
    await signUpCheaply(bob, 'bob');
    await bob.run(['put', '-', 'kept.txt'], 'kept');
    const [{ url }, other] = [await startNode(), await startNode()];
    const early = await bob.run(['move', '--to', url, '--confirm']);
    expect(early.exitCode).toBe(EXIT.refused);
    const moved = await bob.run(['move', '--to', url]);
    expect(moved).toMatchObject({ exitCode: 0, err: '' });
    expect(moved.out).toContain('--confirm');
    expect((await bob.run([...at(url), 'cat', 'kept.txt'])).out).toBe('kept');
    const late = await bob.run(['ls']);
    expect(late.exitCode).toBe(EXIT.refused);
    expect(late.err).toContain('moved');

    const elsewhere = await bob.run(['move', '--to', 'dir:nowhere', '--confirm']);
    expect(elsewhere).toMatchObject({ exitCode: EXIT.notFound });
    expect(existsSync(join(bob.folder, 'nowhere'))).toBe(false);
    const confirmed = await bob.run(['--json', 'move', '--to', url, '--confirm']);
    expect(JSON.parse(confirmed.out)).toEqual({ username: 'bob', home: url, removed: true });
    expect((await bob.run(['ls'])).err).toContain('no account with this name');

    expect(await bob.run([...at(url), 'move', '--to', other.url])).toMatchObject({ exitCode: 0 });
    expect((await bob.run([...at(other.url), 'cat', 'kept.txt'])).out).toBe('kept');
    const remote = await bob.run([...at(url), 'move', '--to', other.url, '--confirm']);
    expect(remote).toMatchObject({ exitCode: EXIT.misused });
  });

  it('makes no drive to move to when the password is wrong', async () => {
    const place = ['move', '--to', 'dir:new place'];
    const wrong = await alice.run([...place, '--password', 'x']);
    expect(wrong).toMatchObject({ exitCode: EXIT.refused });
    const unknown = await alice.run([...place, '--user', 'nobody']);
    expect(unknown).toMatchObject({ exitCode: EXIT.refused });
    expect(existsSync(local('new place'))).toBe(false);
  });

  it('does not write over an export that is there', async () => {
    const before = readFileSync(local('files/node.json'));
    expect(await alice.run(['export', 'files'])).toMatchObject({ exitCode: EXIT.exists });
    expect(readFileSync(local('files/node.json')).equals(before)).toBe(true);
    expect(await alice.run(['export', '-f', 'files'])).toMatchObject({ exitCode: 0 });
  });

  it('is told at once that there is no room, and what broke off can be given up', async () => {
    const { url } = await startNode({ quotaBytes: 100_000_000 });
    await alice.run([...at(url), 'import', 'files']);
    writeFileSync(local('too large'), '');
    truncateSync(local('too large'), 200_000_000);
    const said = await alice.run([...at(url), 'put', 'too large']);
    expect(said).toMatchObject({ exitCode: EXIT.noRoom });
    expect(said.err).toContain('These are 200 MB, and there is room for 97');
    expect(await alice.run([...at(url), 'put', '-f', 'too large'])).toMatchObject({
      exitCode: EXIT.noRoom,
    });
    expect((await alice.run([...at(url), 'ls'])).out).not.toContain('too large');
    const open = await alice.run([...at(url), '--json', 'uploads', '--clear']);
    expect(JSON.parse(open.out)).toMatchObject({ path: '/alice/too large', size: 200_000_000 });
    expect((await alice.run([...at(url), 'uploads'])).out).toBe('');
  });

  it('is not moved to where it is', async () => {
    const { url } = await startNode();
    await alice.run([...at(url), 'import', 'files']);
    const said = await alice.run([...at(url), 'move', '--to', url]);
    expect(said).toMatchObject({ exitCode: EXIT.refused });
    expect(said.err).toContain('has its home there already');
  });
});
