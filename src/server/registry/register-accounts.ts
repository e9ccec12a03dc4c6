/**
 * Accounts that were here before the server had a registry, or came by moving here from outside of
 * it: their names are registered as they stand. A name that somebody else has by then is left out,
 * and the log says so.
 */
import { decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { solveProofOfWork } from '#lib/crypto/index.ts';
import type { NameRegistry } from '#lib/name-registry/index.ts';
import type { LocalNode, NameAuthority } from '#lib/node-local/index.ts';
import { claimChainFromCbor, WorkRequired } from '#lib/protocol/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';
import { failureFields } from '../observe/log.ts';
import type { Log } from '../observe/log.ts';

/** Some seconds of this machine's time; the registry asks for less when fewer names come. */
const MOST_BITS = 22;

export interface AccountsToRegister {
  readonly local: LocalNode;
  readonly names: NameRegistry;
  /** Registers one; throws what keeps it from being registered. */
  readonly register: (name: string, chain: Uint8Array) => Promise<void>;
  /** Names that need no further look; grows. */
  readonly done: Set<string>;
  readonly log: Log;
}

/** Registers the accounts at home here that the registry has not. */
export async function registerAccounts(accounts: AccountsToRegister): Promise<void> {
  const { local, names, register, done, log } = accounts;
  const ids = (await local.blocks.nodeIds()).map(String);
  for (const name of await local.names.usernames()) {
    if (done.has(name)) continue;
    done.add(name);
    const chain = await local.names.chain(name);
    const home = linksOf(chain).at(-1)?.claim.storageProviders[0];
    const isHere = home !== undefined && ids.includes(home.toString());
    if (!isHere || linksOf(await names.chain(name)).length > 0) continue;
    try {
      await register(name, chain);
    } catch (error) {
      log.error('an account could not be registered', failureFields(error));
    }
  }
}

/** Registers a chain with as much work as is asked for. */
export async function registerWithWork(
  { register }: Pick<NameAuthority, 'register'>,
  name: string,
  chain: Uint8Array,
): Promise<void> {
  const links: CborValue = decodeBlock(chain);
  try {
    await register(name, links, { prefix: new Uint8Array(8) }, '');
  } catch (error) {
    if (!(error instanceof WorkRequired) || error.difficultyBits > MOST_BITS) throw error;
    const prefix = await solveProofOfWork(error.difficultyBits, encodeCbor(links));
    await register(name, links, { prefix }, '');
  }
}

function linksOf(chain: Uint8Array): UserPublicKeyLink[] {
  return claimChainFromCbor(decodeBlock(chain));
}
