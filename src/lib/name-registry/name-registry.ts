/** The registry as this node has it: every question is answered from its own records (B-2 §1, §9). */
import type { ChampPath } from '#lib/champ/index.ts';
import { decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { UsernameList } from '#lib/node/index.ts';
import { claimChainFromCbor } from '#lib/protocol/index.ts';
import type { RegistryFork } from '#lib/protocol/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import { differencePage } from './difference.ts';
import { RegistryUnknown } from './errors.ts';
import { chainBytesOf, nameOfKey, namesIn } from './look-up.ts';
import { NameList } from './name-list.ts';
import {
  blockRecordKey,
  forkFromBytes,
  readBlock,
  readRefusal,
  readRoot,
  refusalEntry,
  TABLE,
} from './records.ts';
import type { Refusal, RootRecord } from './records.ts';

export interface NameRegistryDeps {
  readonly records: RecordStore;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** The operator's identity. */
  readonly identity: KeyHash;
}

const MOST_FORKS = 100;

export class NameRegistry {
  readonly identity: KeyHash;
  readonly #records: RecordStore;
  readonly #clock: () => number;
  readonly #list: NameList;

  constructor({ records, clock, identity }: NameRegistryDeps) {
    this.identity = identity;
    this.#records = records;
    this.#clock = clock;
    this.#list = new NameList(records, clock);
  }

  /** The state that is served; undefined before the first. */
  async state(): Promise<RootRecord | undefined> {
    return (await readRoot(this.#records)).value;
  }

  /** The chain of a name, CBOR; the empty list when it is free. Throws {@link RegistryUnknown}. */
  async chain(username: string): Promise<Uint8Array> {
    const root = await this.#root();
    return (await chainBytesOf(this.#records, root, username)) ?? encodeCbor([]);
  }

  /** The current identity of a name. Throws {@link RegistryUnknown}. */
  async publicKey(username: string): Promise<KeyHash | undefined> {
    return claimChainFromCbor(decodeBlock(await this.chain(username))).at(-1)?.owner;
  }

  /** The name of an identity, also of a former one. Throws {@link RegistryUnknown}. */
  async nameOf(owner: KeyHash): Promise<string | undefined> {
    return nameOfKey(this.#records, await this.#root(), owner);
  }

  /** All names, in no order that means anything. Throws {@link RegistryUnknown}. */
  async *names(): AsyncGenerator<string> {
    yield* namesIn(this.#records, await this.#root());
  }

  /** The same, as it is sent; up to a minute old. Throws {@link RegistryUnknown}. */
  list(): Promise<UsernameList> {
    return this.#list.get();
  }

  /** The registry's own signed pointers, for who mirrors from here; undefined for other writers. */
  async pointer(writer: KeyHash): Promise<Uint8Array | undefined> {
    const state = await this.state();
    if (writer.equals(this.identity)) return state?.identityPointer;
    return state?.pkiKey.equals(writer) === true ? state.pkiPointer : undefined;
  }

  /** A block of the registry. */
  async block(cid: Cid): Promise<Uint8Array | undefined> {
    return isBlockName(cid) ? readBlock(this.#records, cid) : undefined;
  }

  /** See `NodeNames.registryDifference`. */
  difference(
    from: Cid | undefined,
    to: Cid,
    start: ChampPath,
    signal?: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    if (![from ?? to, to].every(isBlockName)) return Promise.resolve(undefined);
    return differencePage(this.#records, { from, to, start, signal });
  }

  /** Proofs that the registry signed two states of one sequence number. */
  async forks(most = MOST_FORKS): Promise<RegistryFork[]> {
    const listed = await this.#records.list(TABLE.forks, '', undefined, most);
    return listed.map(({ value }) => forkFromBytes(value));
  }

  /** Why the registry's newest state is not taken; undefined: nothing is refused. */
  refusal(): Promise<Refusal | undefined> {
    return readRefusal(this.#records);
  }

  /** Remembers why the newest state is not taken, or that one was. */
  async noteRefusal(reason: string | undefined): Promise<void> {
    const before = await this.refusal();
    if (before?.reason === reason) return;
    const refusal = reason === undefined ? undefined : { reason, sinceMs: this.#clock() };
    await this.#records.apply({ writes: [refusalEntry(refusal)] });
  }

  async #root(): Promise<Cid> {
    const state = await this.state();
    if (state === undefined) throw new RegistryUnknown();
    return state.root;
  }
}

function isBlockName(cid: Cid): boolean {
  try {
    blockRecordKey(cid);
    return true;
  } catch {
    return false;
  }
}
