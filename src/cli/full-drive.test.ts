/**
 * Every command that writes into a drive of this disk, on a disk that is full and under a limit for
 * the size of a file: it says so, the drive stays as it was and opens, and the same command goes
 * through when there is room.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mountSmallDisk } from '../../tests/server/small-disk.ts';
import { EXIT } from './errors.ts';
import { createPerson, PASSWORD, signUpCheaply, type TestPerson } from './testing.ts';

const PYRGOS = `${process.execPath} ${fileURLToPath(new URL('pyrgos.mjs', import.meta.url))}`;
const LARGE = randomBytes(300_000);

/** Commands that store content, for the shell, which runs many in one process. */
const STORING = [
  'put large docs/new',
  'append large docs/small',
  'write --at 2 large docs/small',
  'cp docs/large docs/copy',
];
const CHANGING = ['mkdir folder', 'mv docs/small folder', 'rm docs/large'];

let alice: TestPerson;
beforeAll(async () => {
  alice = createPerson({ PYRGOS_USER: 'alice' });
  await signUpCheaply(alice, 'alice');
  writeFileSync(join(alice.folder, 'large'), LARGE);
  await alice.run([], 'mkdir docs\nput large docs/\n');
  await alice.run(['put', '-', 'docs/small'], 'small');
  await alice.run(['export', 'exported']);
}, 60_000);

/** The drive as a person sees it: its list, and what is in its files. */
async function state(...where: string[]): Promise<Buffer> {
  const lines = ['ls -R -l', 'cat docs/small', 'cat docs/large'];
  const said = await alice.run(where, `${lines.join('\n')}\n`);
  expect(said).toMatchObject({ exitCode: 0, err: '' });
  return Buffer.from(said.bytes);
}

/** Exit codes of lines of the shell that failed. */
function failuresIn(json: string): number[] {
  const said = json.trim().split('\n').filter(Boolean);
  const codes = said.map((line) => (JSON.parse(line) as Failed).error?.exitCode ?? 0);
  return codes.slice(0, -1); // the last is the shell's own
}

interface Failed {
  readonly error?: { readonly exitCode: number };
}

const noRoomForEach = (commands: readonly string[]): number[] => commands.map(() => EXIT.noRoom);

describe('under a limit for the size of a file', { timeout: 120_000 }, () => {
  /** Runs a command with the limit, in a process of its own. */
  function limited(kilobytes: number, command: string, input = '') {
    const said = spawnSync('bash', ['-c', `ulimit -f ${kilobytes}; exec ${PYRGOS} ${command}`], {
      cwd: alice.folder,
      env: {
        ...process.env,
        PYRGOS_NODE: `dir:${join(alice.folder, 'drive')}`,
        PYRGOS_USER: 'alice',
        PYRGOS_PASSWORD: PASSWORD,
        PYRGOS_NEW_PASSWORD: 'kBd5-velvet-harbor-27',
        XDG_STATE_HOME: join(alice.folder, 'state'),
      },
      encoding: 'utf8',
      input,
    });
    expect(said.stderr).not.toMatch(/\bat .*\.ts/u);
    return said;
  }

  it.each([
    ['no block fits', 200],
    ['no log of the drive fits', 50],
  ])('in which %s nothing is stored', async (_, kilobytes) => {
    const before = await state();
    const said = limited(kilobytes, '--json', `${STORING.join('\n')}\n`);
    expect(failuresIn(said.stderr)).toEqual(noRoomForEach(STORING));
    expect((await state()).equals(before)).toBe(true);
  });

  it('in which no drive fits nothing is changed, and none is made', async () => {
    const before = await state();
    for (const [kilobytes, command] of [
      [20, 'mkdir folder'],
      [20, 'passwd'],
      [50, 'move --to dir:moved'],
      [50, 'import --node dir:imported exported'],
      [2, 'import --node dir:imported exported'],
      [2, 'signup --node dir:fresh'],
    ] as const) {
      const said = limited(kilobytes, command);
      expect(said.stderr, command).toContain('There is no more room');
      expect(said.status).toBe(EXIT.noRoom);
    }
    expect((await state()).equals(before)).toBe(true);
  });

  it('a refused command succeeds without the limit', async () => {
    const before = await state();
    for (const command of [
      'import --node dir:imported exported',
      'signup --node dir:fresh',
      'move --node dir:imported --to dir:moved',
    ]) {
      expect(await alice.run(command.split(' '))).toMatchObject({ exitCode: 0, err: '' });
    }
    expect((await state('--node', 'dir:moved')).equals(before)).toBe(true);
  });
});

const disk = mountSmallDisk(16);
const tiny = mountSmallDisk(1);
afterAll(() => {
  disk?.remove();
  tiny?.remove();
});

describe.skipIf(disk === undefined)('on a disk that is full to the last byte', () => {
  const at = (name: string): string => `dir:${join(disk!.folder, name)}`;
  const inShell = (commands: readonly string[]) =>
    alice.run(['--json', '--node', at('drive')], `${commands.join('\n')}\n`);

  beforeAll(async () => {
    await alice.run(['import', '--node', at('drive'), 'exported']);
    disk!.fill();
  }, 60_000);

  it('no content is stored, no account put beside, and what is there is as it was', async () => {
    const before = await state('--node', at('drive'));
    expect(failuresIn((await inShell(STORING)).err)).toEqual(noRoomForEach(STORING));
    for (const command of ['import exported --node', 'move --to']) {
      const said = await alice.run([...command.split(' '), at(command.slice(0, 4))]);
      expect(said).toMatchObject({ exitCode: EXIT.noRoom });
    }
    expect((await state('--node', at('drive'))).equals(before)).toBe(true);
  }, 60_000);

  it('names and folders change, and things are deleted', async () => {
    expect(await inShell(CHANGING)).toMatchObject({ exitCode: 0, err: '' });
    const listed = await alice.run(['--node', at('drive'), 'ls', '-R']);
    expect(listed.out).toContain('/alice/docs:\n\n/alice/folder:\nsmall\n');
  }, 60_000);
});

describe.skipIf(tiny === undefined)('on a disk of one megabyte', () => {
  it('a drive can be made and read, and says that there is room for nothing', async () => {
    const bob = createPerson({ PYRGOS_USER: 'bob' });
    const node = ['--node', `dir:${join(tiny!.folder, 'drive')}`];
    writeFileSync(join(bob.folder, 'large'), randomBytes(1_500_000));
    expect(await bob.run([...node, 'signup'])).toMatchObject({ exitCode: 0 });
    const commands = ['put large', 'append large note', 'mkdir folder'];
    const said = await bob.run(['--json', ...node], `${commands.join('\n')}\n`);
    expect(failuresIn(said.err)).toEqual([EXIT.noRoom, EXIT.notFound, EXIT.noRoom]);
    expect(await bob.run([...node, 'ls'])).toMatchObject({ exitCode: 0, out: '' });
  }, 60_000);
});
