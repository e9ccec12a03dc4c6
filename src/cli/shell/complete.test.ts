/** What the tab key finds among people. */
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Access } from '../access.ts';
import type { Call } from '../command.ts';
import { createPerson, PASSWORD, signUpCheaply } from '../testing.ts';
import { complete } from './complete.ts';
import { SHELL_COMMANDS } from './shell-commands.ts';

describe('completion', { timeout: 60_000 }, () => {
  let call: Call;

  beforeAll(async () => {
    const alice = createPerson({ PYRGOS_USER: 'alice' });
    const node = `dir:${join(alice.folder, 'drive')}`;
    const bob = createPerson({ PYRGOS_USER: 'bob', PYRGOS_NODE: node });
    for (const name of ['alice', 'bob', 'carol']) await signUpCheaply(alice, name);
    await alice.run([], 'follow bob\nfollow carol\nmkdir board\n');
    await bob.run([], 'requests --follow-back alice\nmkdir docs\nshare docs --with alice\n');
    const nothing = new Writable({ write: (_chunk, _encoding, done) => done() });
    const stdin = Readable.from([]) as unknown as Call['io']['stdin'];
    const env = { XDG_STATE_HOME: join(alice.folder, 'state') };
    const io = { stdin, stdout: nothing, stderr: nothing, env, folder: alice.folder };
    const access = new Access(io, {
      node,
      user: 'alice',
      password: PASSWORD,
      hasState: false,
      onDamaged: () => undefined,
    });
    const { signal } = new AbortController();
    call = { io, values: {}, operands: [], access, signal };
    await (await access.signedIn()).circle.state();
  }, 60_000);
  afterAll(() => call.access.close());

  it.each<[string, string[]]>([
    ['block ', ['bob ', 'carol ']],
    ['verify b', ['bob ']],
    ['share board --with ', ['bob ', 'carol ', 'followers ', 'friends ']],
    ['requests --deny c', ['carol ']],
    ['share b', ['board/']],
    ['ls b', ['board/']],
    ['ls //', ['//bob/']],
    ['cat //bob/d', ['//bob/docs/']],
    ['ls /', ['/board/', '/shared/']],
    ['unshare --wi', ['--with ', '--witness ']],
  ])('of “%s” is %j', async (line, found) => {
    expect((await complete(call, SHELL_COMMANDS, line))[0]).toEqual(found);
  });
});
