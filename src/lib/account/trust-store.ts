/**
 * The identities that names belong to, remembered (trust on first use, B-2 §10). The claim chains seen so far lie in the
 * hidden file `.keystore` of the home. A name found there is answered from there; a node that later
 * shows another identity without the former one's signature is refused.
 */
import { concat, PyrgosError } from '#lib/bytes/index.ts';
import { asMap, decodeBlock, encodeCbor, type CborValue } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import {
  bytesSource,
  childIn,
  readSmall,
  writeSmall,
  type Change,
  type Drive,
  type Handle,
} from '#lib/drive/index.ts';
import { type StorageNode } from '#lib/node/index.ts';
import {
  BadClaimChain,
  claimChainFromCbor,
  claimChainToCbor,
  mergeClaimChains,
  NodeUnreachable,
  openClaimChain,
} from '#lib/protocol/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';
import { IdentityChanged, MalformedAccount } from './errors.ts';
import { witnessed } from './witnesses.ts';
import type { NameWitness } from './witnesses.ts';

/** Name of the file below the home. */
export const TRUST_STORE_NAME = '.keystore';
/** A store of ten thousand people is far below this. */
const MAX_BYTES = 64 * 2 ** 20;

type Chain = readonly UserPublicKeyLink[];

/** The people an account has met. One per session; other sessions' changes are merged when it writes. */
export class TrustStore {
  readonly #drive: Drive;
  readonly #node: StorageNode;
  readonly #witnesses: readonly NameWitness[];
  #chains: Promise<Map<string, Chain>> | undefined;
  /** Chains that were learnt and may not be in the file yet. */
  readonly #unsaved = new Map<string, Chain>();
  #turn: Promise<unknown> = Promise.resolve();

  /** What the node shows of a name is compared with what the witnesses show, where there are any. */
  constructor(drive: Drive, node: StorageNode, witnesses: readonly NameWitness[] = []) {
    this.#drive = drive;
    this.#node = node;
    this.#witnesses = witnesses;
  }

  /**
   * The identity a name stands for; from memory, else from the node, remembered from then on.
   * Throws `UnknownUser`, `BadClaimChain`, {@link IdentityChanged}, `IdentityDisputed`.
   */
  async identityOf(username: string, signal?: AbortSignal): Promise<KeyHash> {
    const known = this.#unsaved.get(username) ?? (await this.#known(signal)).get(username);
    return ownerOf(known ?? (await this.refresh(username, signal)));
  }

  /**
   * All identities a name has stood for, the present one last: each was signed by the one before.
   * The node is asked again; while it is away, what is remembered counts. Throws as
   * {@link identityOf}.
   */
  async identitiesOf(username: string, signal?: AbortSignal): Promise<readonly KeyHash[]> {
    const chain = await this.refresh(username, signal).catch(async (error: unknown) => {
      const known = (await this.#known(signal)).get(username);
      if (known === undefined || !(error instanceof NodeUnreachable)) throw error;
      return known;
    });
    return chain.map(({ owner }) => owner);
  }

  /**
   * As {@link identitiesOf}, for an operation that writes anyway: what is learnt is stored by
   * {@link save}, in the commit of that operation.
   */
  async learn(username: string, signal?: AbortSignal): Promise<readonly KeyHash[]> {
    const shown = await this.#shown(username);
    return this.#inTurn(async () => {
      const known = this.#unsaved.get(username) ?? (await this.#known(signal)).get(username);
      const merged = known === undefined ? shown : await mergeSeen(known, shown, username);
      if (known === undefined || !sameChain(known, merged)) this.#unsaved.set(username, merged);
      return merged.map(({ owner }) => owner);
    });
  }

  /** All names that are remembered. */
  async names(signal?: AbortSignal): Promise<readonly string[]> {
    return [...new Set([...(await this.#known(signal)).keys(), ...this.#unsaved.keys()])];
  }

  /** Stores what was learnt, within a change of the own tree. */
  async save(change: Change, home: Handle): Promise<void> {
    if (this.#unsaved.size === 0) return;
    const file = await childIn(change, home, TRUST_STORE_NAME);
    const stored: Map<string, Chain> =
      file === undefined
        ? new Map()
        : trustedChainsFrom(decodeBlock(await readSmall(change, file, MAX_BYTES)));
    let isChanged = false;
    for (const [username, learnt] of this.#unsaved) {
      const known = stored.get(username);
      const merged = known === undefined ? learnt : await mergeSeen(known, learnt, username);
      if (known !== undefined && sameChain(known, merged)) continue;
      stored.set(username, merged);
      isChanged = true;
    }
    if (!isChanged) return;
    const bytes = encodeCbor(trustedChainsToCbor(stored));
    await writeSmall(change, home, TRUST_STORE_NAME, bytes);
  }

  /**
   * Asks the node again and merges what it shows: renewals, and a change of identity that the former
   * one signed (B-2 §4). Throws as {@link identityOf}.
   */
  async refresh(username: string, signal?: AbortSignal): Promise<Chain> {
    const shown = await this.#shown(username);
    return this.#inTurn(async () => {
      this.#chains = undefined; // another session may have written in the meantime
      const chains = await this.#known(signal);
      const known = this.#unsaved.get(username) ?? chains.get(username);
      const merged = known === undefined ? shown : await mergeSeen(known, shown, username);
      const stored = chains.get(username);
      if (stored !== undefined && sameChain(stored, merged)) return stored;
      const changed = new Map(chains).set(username, merged);
      await this.#write(changed, signal);
      this.#chains = Promise.resolve(changed);
      return merged;
    });
  }

  async #shown(username: string): Promise<Chain> {
    const shown = await openClaimChain(await this.#node.names.chain(username), username);
    return witnessed(shown, username, this.#witnesses);
  }

  #known(signal?: AbortSignal): Promise<Map<string, Chain>> {
    this.#chains ??= this.#read(signal).catch((error: unknown) => {
      this.#chains = undefined;
      throw error;
    });
    return this.#chains;
  }

  async #read(signal?: AbortSignal): Promise<Map<string, Chain>> {
    const home = await this.#drive.home(signal);
    const entry = await this.#drive.find(home, TRUST_STORE_NAME, signal);
    if (entry === undefined) return new Map();
    const file = await this.#drive.open(home, entry, signal);
    if (file.properties.sizeBytes > MAX_BYTES) {
      throw new MalformedAccount('The list of known people is too large to be one.');
    }
    const pieces: Uint8Array[] = [];
    for await (const piece of this.#drive.read(file, 0, undefined, signal)) pieces.push(piece);
    return trustedChainsFrom(decodeBlock(concat(...pieces)));
  }

  async #write(chains: ReadonlyMap<string, Chain>, signal?: AbortSignal): Promise<void> {
    const home = await this.#drive.home(signal);
    const source = bytesSource(encodeCbor(trustedChainsToCbor(chains)));
    const item = { path: [TRUST_STORE_NAME], source, hidden: true };
    await this.#drive.upload(home, [item], { onConflict: 'replace', ...(signal && { signal }) });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

function trustedChainsFrom(value: CborValue): Map<string, Chain> {
  const map = asMap(value, 'the list of known people');
  return new Map([...map].map(([name, chain]) => [name, claimChainFromCbor(chain)]));
}

function trustedChainsToCbor(chains: ReadonlyMap<string, Chain>): CborValue {
  return new Map([...chains].map(([name, chain]) => [name, claimChainToCbor(chain)]));
}

/** A chain that does not continue the known one is false or outdated, whatever its source. */
async function mergeSeen(known: Chain, shown: Chain, username: string): Promise<Chain> {
  try {
    return await mergeClaimChains(known, shown, username);
  } catch (error) {
    const isSame = ownerOf(shown).equals(ownerOf(known));
    if (isSame || !(error instanceof BadClaimChain)) throw error;
    throw new IdentityChanged(username, { cause: error });
  }
}

function ownerOf(chain: Chain): KeyHash {
  const last = chain.at(-1);
  if (last === undefined) throw new PyrgosError('An empty claim chain was remembered.');
  return last.owner;
}

function sameChain(a: Chain, b: Chain): boolean {
  const text = (chain: Chain): string => encodeCbor(claimChainToCbor(chain)).join();
  return text(a) === text(b);
}
