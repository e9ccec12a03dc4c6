/**
 * An account out of files, into the stores of a node. It is verified down to the last block and
 * signature before anybody can see any of it, and it appears as a whole or not at all. What was
 * stored for an account that is refused is removed again.
 *
 * All that is wrong is told at once, by its name; several faults have the name of the first.
 *
 * An account that is here already is never touched: the same state is no error, another one is.
 */
import type { PyrgosError } from '#lib/bytes/index.ts';
import { equalBytes } from '#lib/bytes/index.ts';
import { MalformedArchive } from '#lib/car/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { abandonAccount, createLocalNode } from '#lib/node-local/index.ts';
import type { LocalNodeDeps } from '#lib/node-local/index.ts';
import { NameTaken, verifyClaimChain } from '#lib/protocol/index.ts';
import type { RecordEntry } from '#lib/stores/index.ts';
import { parseDescription } from './description.ts';
import type { DescribedUser, Description } from './description.ts';
import { AccountExists, IncompleteArchive, MalformedDescription, SeveralFaults } from './errors.ts';
import { receiveAccount } from './receive.ts';

export interface Archive {
  /** The text of `node.json`. */
  readonly description: string;
  /** The bytes of `blocks.car`, once. */
  readonly blocks: AsyncIterable<Uint8Array>;
}

export interface ImportOptions {
  /** Whose account; may be left out when the archive holds one only. */
  readonly username?: string;
  /** Bytes of the block file read so far. */
  readonly onProgress?: (doneBytes: number) => void;
  readonly signal?: AbortSignal;
}

export interface Imported {
  readonly username: string;
  readonly identity: KeyHash;
  /** False: it was here already, in this very state. */
  readonly isNew: boolean;
}

/**
 * Puts one account in place.
 * @throws MalformedDescription, MalformedArchive and its kin, AccountDamaged, DamagedBlock,
 * BadClaimChain; NameTaken for the name of somebody else, AccountExists
 */
export async function importAccount(
  deps: LocalNodeDeps,
  archive: Archive,
  options: ImportOptions = {},
): Promise<Imported> {
  const { onProgress, signal } = options;
  const description = parseDescription(archive.description);
  const user = chosenUser(description, options.username);
  const { username, identity } = user;
  await verifyClaimChain(user.chain, username);
  if (await isHere(deps, user)) return { username, identity, isNew: false };
  const announced: RecordEntry[] = [];
  try {
    const received = { description, user, blocks: archive.blocks };
    const faults = new Faults();
    await receiveAccount(deps, received, { ...faults, onProgress, signal }, announced);
  } catch (error) {
    // What cannot be removed now, on a full or failing medium, goes with the next collection.
    await abandonAccount(deps, identity, announced).catch(() => undefined);
    throw error;
  }
  // What the file held beside the account: older states, blocks of other people.
  await createLocalNode(deps).collect(identity);
  return { username, identity, isNew: true };
}

/** The number of faults that are listed; further ones are only counted. */
const KEPT_FAULTS = 1000;

/** Collects what is wrong, so that one refusal can tell all of it. */
class Faults {
  readonly #kept: PyrgosError[] = [];
  #count = 0;

  readonly onFault = (fault: PyrgosError): void => {
    // The rest of the file says nothing then.
    if (fault instanceof MalformedArchive) throw fault;
    this.#count++;
    if (this.#kept.length < KEPT_FAULTS) this.#kept.push(fault);
  };

  readonly onExamined = (): void => {
    const [first, ...others] = this.#kept;
    if (first === undefined) return;
    // A wrong number of blocks is what the missing ones come to.
    const count = first instanceof IncompleteArchive ? this.#count - 1 : this.#count;
    throw count > 1 ? new SeveralFaults([first, ...others], count) : first;
  };
}

/** @throws MalformedDescription where the name is missing, or none is given and there are several users */
export function chosenUser(description: Description, username: string | undefined): DescribedUser {
  const { usernames } = description;
  const name = username ?? (usernames.length === 1 ? usernames[0] : undefined);
  const user = name === undefined ? undefined : description.user(name);
  if (user !== undefined) return user;
  const names = usernames.join(', ') || 'nobody';
  throw new MalformedDescription(
    name === undefined
      ? `The archive holds several accounts; one has to be chosen: ${names}.`
      : `The archive does not hold the account “${name}”, but: ${names}.`,
  );
}

/** Throws unless the name is free, or the account is here exactly as the archive has it. */
async function isHere(deps: LocalNodeDeps, user: DescribedUser): Promise<boolean> {
  const { names, pointers } = createLocalNode(deps);
  const present = await names.publicKey(user.username);
  if (present === undefined) return false;
  if (!present.equals(user.identity)) {
    throw new NameTaken(`The name “${user.username}” belongs to another account here.`);
  }
  for (const { writer, signed } of user.pointers) {
    const stored = await pointers.get(user.identity, writer);
    if (stored === undefined || !equalBytes(stored, signed)) {
      throw new AccountExists(
        `The account “${user.username}” is here already, in another state than in the archive.`,
      );
    }
  }
  return true;
}
