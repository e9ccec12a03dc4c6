/** The shell as a person has it: on a terminal, with keys. */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../errors.ts';
import { createPerson, PASSWORD, signUpCheaply, type TestPerson } from '../testing.ts';
import { hasTerminals, KEY, Terminal } from './testing.ts';

const PROMPT = '/alice › ';
/** Large enough that a key is pressed before all of it is stored. */
const LARGE_BYTES = 400_000_000;

describe.runIf(hasTerminals)('the shell on a terminal', { timeout: 120_000 }, () => {
  let alice: TestPerson;
  let terminal: Terminal;
  const local = (name: string): string => join(alice.folder, name);

  beforeAll(async () => {
    alice = createPerson({ PYRGOS_USER: 'alice' });
    await signUpCheaply(alice, 'alice');
    await alice.run(['mkdir', '-p', 'in here/deep', 'inside']);
    mkdirSync(local('on disk'));
    writeFileSync(local('on disk/a file'), 'content');
    writeFileSync(local('on disk/esc\u001b[31m'), 'red');
  }, 60_000);
  afterEach(() => terminal.close());

  async function start(): Promise<void> {
    terminal = new Terminal(['--node', 'dir:drive'], {
      cwd: alice.folder,
      env: {
        PATH: process.env['PATH'],
        HOME: alice.folder,
        PYRGOS_USER: 'alice',
        PYRGOS_PASSWORD: PASSWORD,
      },
    });
    await terminal.until(PROMPT);
  }

  async function say(line: string, wanted = PROMPT): Promise<string> {
    await terminal.type(line, KEY.enter);
    await terminal.until('\n');
    return terminal.until(wanted);
  }

  it('completes commands, options, and places there and here', async () => {
    await start();
    await terminal.type('mkd', KEY.tab);
    await terminal.until('mkdir ');
    await terminal.type('--pa', KEY.tab);
    await terminal.until('--parents ');
    await terminal.type('in\\ h', KEY.tab);
    await terminal.until(String.raw`in\ here/`);
    await terminal.type('new', KEY.enter);
    await terminal.until(PROMPT);
    await terminal.type('ls "in h', KEY.tab, '"', KEY.enter);
    expect(await terminal.until(`new/`)).toContain('deep/');
    await terminal.until(PROMPT);
    await terminal.type('put on', KEY.tab);
    await terminal.until(String.raw`on\ disk/`);
    await terminal.type(KEY.tab);
    await terminal.until(String.raw`a\ file `);
    await terminal.type('ins', KEY.tab, KEY.enter);
    await terminal.until('inside/');
    await terminal.until(PROMPT);
    expect(await say('ls inside')).toContain('a file');
    await terminal.type(KEY.ctrlD);
    expect(await terminal.ended()).toBe(0);
  });

  it('changes folders, and helps', async () => {
    await start();
    await say('cd "in here"', '/alice/in here › ');
    expect(await say('pwd', '/alice/in here › ')).toContain('/alice/in here');
    await say('cd', PROMPT);
    expect(await say('help put')).toContain('[-f | --keep-both | --skip]');
    expect(await say('cat --help')).toContain('--range');
    expect(await say('frob')).toContain('no command “frob”');
    expect(await say('ls --user bob')).toContain('--user is for starting it');
    expect(await say('put - x')).toContain('Standard input is what the shell');
    await terminal.type('exit', KEY.enter);
    expect(await terminal.ended()).toBe(0);
  });

  it('ends a command by Ctrl-C, and stays', async () => {
    writeFileSync(local('large'), '');
    truncateSync(local('large'), LARGE_BYTES);
    await start();
    await terminal.type('put large', KEY.enter);
    await terminal.until('%');
    await terminal.type(KEY.ctrlC);
    await terminal.until('Interrupted.');
    await terminal.until(PROMPT);
    expect(await say('ls')).not.toContain('large');
  });

  it('hints at an empty prompt, and ends at the second Ctrl-C', async () => {
    await start();
    await terminal.type('half a line', KEY.ctrlC);
    await terminal.until('^C');
    await terminal.until(PROMPT);
    await terminal.type(KEY.ctrlC);
    await terminal.until('Ctrl-D or “exit” ends the shell');
    await terminal.until(PROMPT);
    expect(await say('pwd')).toContain('/alice');
    await terminal.type(KEY.ctrlC);
    await terminal.until('ends the shell');
    await terminal.type(KEY.ctrlC);
    expect(await terminal.ended()).toBe(0);
  });

  it.each([
    ['half of it and Ctrl-C', ['not shown', KEY.ctrlC]],
    ['Ctrl-D', [KEY.ctrlD]],
  ])('leaves the question for a password by %s', async (_name, keys) => {
    const env = { PATH: process.env['PATH'], HOME: alice.folder, PYRGOS_USER: 'alice' };
    terminal = new Terminal(['--node', 'dir:drive'], { cwd: alice.folder, env });
    await terminal.until('Password: ');
    await terminal.type(...keys);
    expect(await terminal.until('Interrupted.')).not.toContain('not shown');
    expect(await terminal.ended()).toBe(EXIT.interrupted);
  });

  it('keeps what was typed for nobody else, and no secret', async () => {
    await start();
    await say('ls "in here"');
    await say('ls --password hunter2');
    await say('open-link https://host.example/secret/zabc/12#hunter3 ls');
    await say(' ls -a');
    await terminal.type('exit', KEY.enter);
    await terminal.ended();
    const folder = local('.local/state/pyrgos');
    expect(readdirSync(folder)).toContain('history-alice');
    const kept = readFileSync(join(folder, 'history-alice'), 'utf8');
    expect(kept.split('\n').slice(0, 2)).toEqual(['exit', 'ls "in here"']);
    expect(kept).not.toContain('hunter2');
    expect(kept).not.toContain('hunter3');
    expect(kept).not.toContain('ls -a');
    expect(statSync(join(folder, 'history-alice')).mode & 0o777).toBe(0o600);
    await start();
    await terminal.type(KEY.up, KEY.up);
    await terminal.until('ls "in here"');
  });
});
