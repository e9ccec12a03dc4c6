/** A person at a node: what a client does over HTTP, with the cheapest password it may have. */
import { signIn, signUp, type AccountDeps, type Session } from '#lib/account/index.ts';
import { cheapAlgorithm } from '#lib/account/testing.ts';
import { startCrypto, systemRandom } from '#lib/crypto/index.ts';
import { createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { bytesSource, Drive, type Handle } from '#lib/drive/index.ts';
import { createHttpNode } from '#lib/node-http/index.ts';
import { createPointerMemory } from '#lib/writers/index.ts';

export const PASSWORD = 'correct horse battery staple';

export interface Client {
  readonly deps: AccountDeps;
  readonly session: Session;
  readonly drive: Drive;
  /** Gives up whatever is under way: the node will not come back. */
  readonly leave: () => void;
}

export async function signUpAt(url: string, username: string, token?: string): Promise<Client> {
  const { deps, leave } = await placeAt(url);
  const session = await signUp(deps, {
    username,
    password: PASSWORD,
    algorithm: cheapAlgorithm(),
    ...(token === undefined ? {} : { token }),
  });
  return clientOf(deps, session, leave);
}

/** The same person on another device: nothing is remembered. */
export async function signInAt(url: string, username: string): Promise<Client> {
  const { deps, leave } = await placeAt(url);
  return clientOf(deps, await signIn(deps, { username, password: PASSWORD }), leave);
}

export async function put(client: Client, name: string, bytes: Uint8Array): Promise<void> {
  const home = await client.drive.resolve([]);
  await client.drive.upload(home, [{ path: [name], source: bytesSource(bytes) }]);
}

export async function read(client: Client, name: string): Promise<Uint8Array> {
  const file: Handle = await client.drive.resolve([name]);
  const pieces: Uint8Array[] = [];
  for await (const piece of client.drive.read(file)) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}

async function placeAt(url: string): Promise<{ deps: AccountDeps; leave: () => void }> {
  await startCrypto();
  const end = new AbortController();
  const deps = {
    node: createHttpNode(url, { signal: end.signal }),
    random: systemRandom,
    clock: Date.now,
    pointerMemory: createPointerMemory(),
  };
  return { deps, leave: () => end.abort() };
}

function clientOf(deps: AccountDeps, session: Session, leave: () => void): Client {
  const cipher = createLocalChunkCipher(deps.random);
  return { deps, session, leave, drive: new Drive({ ...deps, cipher }, session.home) };
}
