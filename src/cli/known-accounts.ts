/**
 * Whose the accounts of servers are that were opened from here, and how their passwords are
 * stretched: what a hostile server would have to change. No secret is in it.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { KnownState } from '#lib/account/index.ts';
import { fromHex, PyrgosError, toHex, utf8 } from '#lib/bytes/index.ts';
import { Cid, decodeBlock } from '#lib/codec/index.ts';
import { algorithmFromCbor } from '#lib/crypto/index.ts';
import { codeOf, WholeFile } from '#lib/system/index.ts';
import type { Io } from './io.ts';
import { stateFolder } from './state-folder.ts';

/** What was remembered of an account cannot be read any more; nothing was sent. */
export class KnownAccountDamaged extends PyrgosError {
  override readonly name = 'KnownAccountDamaged';
  override readonly kind = 'refused';
  constructor(username: string, file: string, options?: ErrorOptions) {
    super(
      `What this machine remembers of ${username} is damaged, in ${file}. ` +
        'If you trust the server, --accept-change writes it anew.',
      options,
    );
  }
}

/** A file for each account, so that two commands at once do not undo each other's. */
export class KnownAccounts {
  readonly #env: Io['env'];

  constructor(env: Io['env']) {
    this.#env = env;
  }

  /**
   * Throws {@link KnownAccountDamaged}, or what keeps a file that is there from being read: then
   * nothing is known for sure.
   */
  async read(origin: string, username: string): Promise<KnownState | undefined> {
    const file = this.#file(origin, username);
    const text = await textIn(file);
    if (text === undefined) return undefined;
    try {
      return stateOf(text);
    } catch (error) {
      if (!(error instanceof PyrgosError)) throw error;
      throw new KnownAccountDamaged(username, file, { cause: error });
    }
  }

  async keep(origin: string, username: string, known: KnownState): Promise<void> {
    const place = this.#file(origin, username);
    const text = textOf(known);
    if ((await textIn(place).catch(() => undefined)) === text) return;
    await mkdir(dirname(place), { recursive: true, mode: 0o700 });
    const file = await WholeFile.create(place);
    try {
      await file.write(utf8(text));
      await file.close();
      await file.moveIntoPlace({ isForced: true });
    } catch (error) {
      await file.discard();
      throw error;
    }
  }

  #file(origin: string, username: string): string {
    return join(stateFolder(this.#env), `account-${encodeURIComponent(`${username}@${origin}`)}`);
  }
}

async function textIn(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function textOf({ identity, algorithm }: KnownState): string {
  return `${identity}\n${toHex(algorithm)}\n`;
}

/** Throws what the first part throws that is not what it should be. */
function stateOf(text: string): KnownState {
  const [identity = '', hex = ''] = text.split('\n');
  const algorithm = fromHex(hex);
  algorithmFromCbor(decodeBlock(algorithm));
  return { identity: Cid.parse(identity).toString(), algorithm };
}
