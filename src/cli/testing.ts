/** What tests of the command line share: a terminal that is none, and a drive in a folder. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { signUp } from '#lib/account/index.ts';
import { cheapAlgorithm } from '#lib/account/testing.ts';
import { startCrypto, systemRandom } from '#lib/crypto/index.ts';
import type { ListedBlock } from '#lib/stores/index.ts';
import { createPointerMemory } from '#lib/writers/index.ts';
import type { Io } from './io.ts';
import { main } from './main.ts';
import { openOrMakeNode } from './node.ts';

export interface Said {
  readonly exitCode: number;
  readonly bytes: Uint8Array;
  readonly out: string;
  readonly err: string;
}

export interface TestPerson {
  /** Folder local paths begin at. */
  readonly folder: string;
  /** Runs a command as this person; `onTerminal`, the input is typed. */
  run(
    args: readonly string[],
    input?: string | Uint8Array,
    options?: { readonly onTerminal?: boolean },
  ): Promise<Said>;
}

export const PASSWORD = 'tvQ7-mellow-garnet-94';

/** Makes an account as cheaply to sign in to as a reader accepts. */
export async function signUpCheaply(person: TestPerson, username: string): Promise<void> {
  const { node, close } = await openOrMakeNode('dir:drive', person.folder);
  await startCrypto();
  const deps = {
    node,
    random: systemRandom,
    clock: () => Date.now(),
    pointerMemory: createPointerMemory(),
  };
  await signUp(deps, { username, password: PASSWORD, algorithm: cheapAlgorithm() });
  await close();
}

/** Somebody with a folder of his own; `env` says which node, who and with which password. */
export function createPerson(env: Record<string, string>): TestPerson {
  const folder = mkdtempSync(join(tmpdir(), 'pyrgos-cli-'));
  const place = { PYRGOS_NODE: `dir:${join(folder, 'drive')}`, PYRGOS_PASSWORD: PASSWORD };
  return {
    folder,
    async run(args, input = '', { onTerminal = false } = {}) {
      const [out, err] = [collector(), collector()];
      const stdin = Readable.from([typeof input === 'string' ? Buffer.from(input) : input]);
      if (onTerminal) for (const one of [stdin, err.stream]) Object.assign(one, { isTTY: true });
      const io: Io = {
        stdin: stdin as unknown as Io['stdin'],
        stdout: out.stream,
        stderr: err.stream,
        env: { ...place, XDG_STATE_HOME: join(folder, 'state'), ...env },
        folder,
      };
      const exitCode = await main(args, io);
      const bytes = out.bytes();
      return { exitCode, bytes, out: bytes.toString('utf8'), err: err.bytes().toString('utf8') };
    },
  };
}

function collector() {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return { stream, bytes: () => Buffer.concat(chunks) };
}

/** Does something to the drive of this person, and takes the largest block away that it stored. */
export async function losingLargest(
  { folder }: TestPerson,
  work: () => Promise<unknown>,
): Promise<void> {
  const list = async (): Promise<readonly ListedBlock[]> => {
    const { local, close } = await openOrMakeNode('dir:drive', folder);
    const blocks = (await local?.blocks.list('')) ?? [];
    await close();
    return blocks;
  };
  const before = new Set((await list()).map(({ key }) => key));
  await work();
  const stored = (await list()).filter(({ key }) => !before.has(key));
  const [largest] = stored.toSorted((a, b) => b.sizeBytes - a.sizeBytes);
  const { local, close } = await openOrMakeNode('dir:drive', folder);
  await local?.blocks.deleteMany([largest!.key]);
  await close();
}
