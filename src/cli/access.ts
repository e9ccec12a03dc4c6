/**
 * From options to an open drive: which node, which person, which password. Opened at the first use
 * and once per process, so that the shell signs in a single time.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { knownStateOf, signIn } from '#lib/account/index.ts';
import type { AccountChanged, AccountDeps, Credentials } from '#lib/account/index.ts';
import type { KnownState, NameWitness, Session } from '#lib/account/index.ts';
import { takesCode } from '#lib/protocol/index.ts';
import type { SecondFactorChallenge, SecondFactorProof } from '#lib/protocol/index.ts';
import { decodeTypedText } from '#lib/bytes/index.ts';
import { startCrypto, systemRandom } from '#lib/crypto/index.ts';
import { Drive, PathNotFound } from '#lib/drive/index.ts';
import type { Handle } from '#lib/drive/index.ts';
import { createBlockCache, createPointerMemory } from '#lib/writers/index.ts';
import type { PointerMemory } from '#lib/writers/index.ts';
import { Circle } from './circle.ts';
import { openCipher, type OpenCipher } from './cipher.ts';
import { Misused } from './errors.ts';
import { ask, type Io } from './io.ts';
import { KnownAccounts } from './known-accounts.ts';
import { KnownPointers } from './known-pointers.ts';
import { openNode, placeOf, type OpenNode } from './node.ts';
import { remotePath } from './paths.ts';

const BLOCK_CACHE_BYTES = 64 * 1024 * 1024;
/** In which a node nearby may answer, between the tests of two operations. */
const ANSWER_MS = 10;

export interface AccessOptions {
  /** `http(s)://…` or `dir:PATH`. */
  readonly node?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly passwordFile?: string | undefined;
  /** Of an authenticator app, or a backup code. */
  readonly code?: string | undefined;
  /** A second node, by whose word on people's keys the node's is checked. */
  readonly witness?: string | undefined;
  /** The account may differ from what this machine remembers of it. */
  readonly acceptsChange?: boolean;
  /** What the node holds may be older than what earlier commands saw. */
  readonly acceptsRollback?: boolean;
  /** False: nothing that outlives the process is read or written. */
  readonly hasState: boolean;
  /** Called with the name of a damaged state file, which was renamed. */
  readonly onDamaged: (file: string) => void;
}

/** The account and node to sign in to; absent values come from the options. */
export interface SignInOptions {
  readonly username?: string;
  readonly address?: string;
  /** Asked where no password was given. */
  readonly question?: string;
}

/** A drive that is open. */
export interface SignedIn {
  readonly deps: AccountDeps;
  readonly session: Session;
  readonly drive: Drive;
  readonly circle: Circle;
}

export class Access {
  /** The folder relative paths begin at, its owner first; the shell changes it. */
  folder: readonly string[] = [];
  readonly #io: Io;
  readonly #options: AccessOptions;
  #place: Promise<OpenNode> | undefined;
  #signedIn: Promise<SignedIn> | undefined;
  #pointers: PointerMemory | undefined;
  #cipher: OpenCipher | undefined;
  readonly #closers: (() => Promise<void> | void)[] = [];

  constructor(io: Io, options: AccessOptions) {
    this.#io = io;
    this.#options = options;
  }

  /** The node, without anybody signed in. */
  node(): Promise<OpenNode> {
    this.#place ??= this.#openNode();
    return this.#place;
  }

  /** Whether this machine's memory may be read and written. */
  get hasState(): boolean {
    return this.#options.hasState;
  }

  async accountDeps(): Promise<AccountDeps> {
    const { node } = await this.node();
    const { acceptsRollback = false } = this.#options;
    this.#pointers ??= this.pointerMemory(this.#address, { acceptsRollback });
    return {
      node,
      random: systemRandom,
      clock: () => Date.now(),
      pointerMemory: this.#pointers,
      blockCache: createBlockCache(BLOCK_CACHE_BYTES),
    };
  }

  /** How far the pointers of a node had come. An account that is put there may begin again. */
  pointerMemory(
    address: string,
    { acceptsRollback }: { readonly acceptsRollback: boolean },
  ): PointerMemory {
    return this.#knownPointers(address, acceptsRollback) ?? createPointerMemory();
  }

  /** The node of the options, a folder of this disk, was given another content on purpose. */
  async forgetPointers(): Promise<void> {
    await this.#knownPointers(this.#address, true)?.forgetAll();
  }

  /** Says that contents of files will be sealed or opened: what that needs starts meanwhile. */
  expectContents(): void {
    this.#openCipher().prepare();
  }

  /** The drive of the person the options name. */
  signedIn(signal?: AbortSignal): Promise<SignedIn> {
    this.#signedIn ??= this.#signIn(signal);
    return this.#signedIn;
  }

  /** A session that was opened another way, by signing up. */
  async enter(deps: AccountDeps, session: Session): Promise<SignedIn> {
    await startCrypto();
    const { cipher } = this.#openCipher();
    const driveDeps = { ...deps, cipher };
    const drive = new Drive(driveDeps, session.home);
    const circle = new Circle(drive, driveDeps, session, await this.#witnesses());
    if (this.folder.length === 0) this.folder = [session.username];
    await this.remember(session.username, knownStateOf(session));
    const signedIn = { deps, session, drive, circle };
    this.#signedIn = Promise.resolve(signedIn);
    return signedIn;
  }

  /** Places in the drive that were typed, as seen from the current folder. Throws `PathNotFound`. */
  async paths(typed: readonly string[], signal?: AbortSignal): Promise<(readonly string[])[]> {
    const { session } = await this.signedIn(signal);
    return typed.map((text) => remotePath(text, this.folder, session.username));
  }

  /**
   * What lies at a path, which begins with the owner's name.
   * @throws PathNotFound, NotFollowed, NotADirectory
   */
  async open(path: readonly string[], signal?: AbortSignal): Promise<Handle> {
    const { drive, session, circle } = await this.signedIn(signal);
    const [owner = session.username, ...names] = path;
    let at = await circle.openRoot(owner, signal);
    for (const [i, name] of names.entries()) {
      const entry = await drive.find(at, name, signal);
      if (entry === undefined) throw await this.notFound([owner, ...names.slice(0, i + 1)]);
      at = await drive.open(at, entry, signal);
    }
    return at;
  }

  /** Says that there is nothing at a path, as it would be typed. */
  async notFound(path: readonly string[]): Promise<PathNotFound> {
    const { session } = await this.signedIn();
    const [owner = '', ...names] = path;
    return new PathNotFound(owner === session.username ? names : ['', '', ...path]);
  }

  async username(): Promise<string> {
    const user = this.#options.user ?? this.#io.env['PYRGOS_USER'];
    if (user !== undefined && user !== '') return user;
    return ask(this.#io, 'User name: ', { instead: 'give --user or set PYRGOS_USER' });
  }

  /** From `--password-file`, `--password`, the environment, or asked for. */
  async password(question: string): Promise<string> {
    const given = await this.givenPassword();
    if (given !== undefined) return given;
    const instead = 'give --password-file or set PYRGOS_PASSWORD';
    return ask(this.#io, question, { isSecret: true, instead });
  }

  /** The same without asking. */
  async givenPassword(): Promise<string | undefined> {
    const { password, passwordFile } = this.#options;
    const { env, folder } = this.#io;
    const file = passwordFile ?? env['PYRGOS_PASSWORD_FILE'];
    if (password !== undefined) return password;
    if (file !== undefined && file !== '') return readPassword(resolve(folder, file));
    const given = env['PYRGOS_PASSWORD'];
    return given === '' ? undefined : given;
  }

  /**
   * What opens an account. Every command that signs in takes it from here: it answers for a second
   * factor, and asks about an account that is not as this machine remembers it.
   */
  async credentials(asked: SignInOptions = {}): Promise<Credentials> {
    const { question = 'Password: ', address = this.#address } = asked;
    const username = asked.username ?? (await this.username());
    const password = await this.password(question);
    const known = await this.#known(username, address);
    const [secondFactor, agree] = [this.#secondFactor, this.#agree];
    return { username, password, secondFactor, known, agree };
  }

  /**
   * Keeps what an account at a node is like from now on. A machine that can write nothing down still
   * opens drives.
   */
  async remember(username: string, known: KnownState, address = this.#address): Promise<void> {
    const origin = originOf(address);
    if (origin === undefined || !this.hasState) return;
    await new KnownAccounts(this.#io.env).keep(origin, username, known).catch(() => undefined);
  }

  /** Answers a node's question for a second factor with a code; what was typed may be tried again. */
  readonly #secondFactor = async (asked: SecondFactorChallenge): Promise<SecondFactorProof> => {
    const { factors, refusal } = asked;
    if (!takesCode(factors)) {
      throw new Misused('This account asks for a security key, which only a browser can use.');
    }
    const given = this.#options.code;
    if (refusal !== undefined && given !== undefined) throw refusal;
    if (refusal !== undefined) this.#io.stderr.write(`${refusal.message}\n`);
    const question = 'Code of your authenticator app (or a backup code): ';
    return { code: given ?? (await ask(this.#io, question, { instead: 'give --code' })) };
  };

  /** Ends what was opened; safe to call twice. */
  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }

  get #address(): string {
    return this.#options.node ?? this.#io.env['PYRGOS_NODE'] ?? '';
  }

  #knownPointers(address: string, acceptsRollback: boolean): KnownPointers | undefined {
    const { hasState, onDamaged } = this.#options;
    if (!hasState) return undefined;
    const { env, folder } = this.#io;
    return new KnownPointers(env, placeOf(address, folder), { acceptsRollback, onDamaged });
  }

  async #openNode(): Promise<OpenNode> {
    const address = this.#address;
    if (address === '') {
      throw new Misused('Which node? Give --node URL, --node dir:PATH, or set PYRGOS_NODE.');
    }
    // The caller that opens a drive waits for it; until then the node is asked and scrypt runs.
    void startCrypto({ pause: () => pause(ANSWER_MS) });
    const node = await openNode(address, this.#io.folder);
    this.#closers.push(() => node.close());
    return node;
  }

  #openCipher(): OpenCipher {
    if (this.#cipher === undefined) {
      const cipher = openCipher();
      this.#cipher = cipher;
      this.#closers.push(() => cipher.close());
    }
    return this.#cipher;
  }

  /** The second node that was named. Throws `Misused`. */
  async #witnesses(): Promise<readonly NameWitness[]> {
    const address = this.#options.witness ?? this.#io.env['PYRGOS_WITNESS'] ?? '';
    if (address === '') return [];
    const { node, close } = await openNode(address, this.#io.folder);
    this.#closers.push(close);
    return [{ label: address, chain: (...asked) => node.names.chain(...asked) }];
  }

  async #signIn(signal?: AbortSignal): Promise<SignedIn> {
    const deps = await this.accountDeps();
    return this.enter(deps, await signIn(deps, await this.credentials(), signal));
  }

  /** What this machine remembers of an account; nothing if it may differ. */
  async #known(username: string, address: string): Promise<KnownState | undefined> {
    const origin = originOf(address);
    if (origin === undefined || !this.hasState) return undefined;
    if (this.#options.acceptsChange === true) return undefined;
    return new KnownAccounts(this.#io.env).read(origin, username);
  }

  /** Shows the difference and asks whether to continue; throws the difference unless the user agrees. */
  readonly #agree = async (change: AccountChanged): Promise<void> => {
    if (this.#io.stdin.isTTY !== true || this.#io.stderr.isTTY !== true) throw change;
    this.#io.stderr.write(`${change.message}\n`);
    const question = 'Sign in anyway? Type "yes" to go on: ';
    const answer = await ask(this.#io, question, { instead: 'give --accept-change' });
    if (answer !== 'yes') throw change;
  };
}

/** An account in a local folder has no server that could lie. */
function originOf(address: string): string | undefined {
  return /^https?:/u.test(address) ? new URL(address).origin : undefined;
}

/**
 * The first line of a file, as whatever editor saved it; a newline at its end does not belong to the
 * password. Throws `MalformedBytes`.
 */
export async function readPassword(file: string): Promise<string> {
  const text = decodeTypedText(await readFile(file));
  const [line = ''] = text.split(/\r?\n/u);
  if (line === '') throw new Misused('The password file is empty.');
  return line;
}
