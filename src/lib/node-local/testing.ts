/**
 * For the tests of this room: accounts made with the protocol's plain parts, without the rooms
 * above. Keys and values are deterministic; champs are built for up to four pairs a position.
 */
import { utf8 } from '#lib/bytes/index.ts';
import type { Random } from '#lib/bytes/index.ts';
import { cborMap, CODEC, encodeCbor } from '#lib/codec/index.ts';
import type { CborMap, CborValue, Cid } from '#lib/codec/index.ts';
import {
  Bat,
  BatWithId,
  hashBlockNow,
  ownerProof,
  sha256Now,
  sign,
  signBlock,
  signDetached,
  SigningKeyPair,
  signRequest,
  signTime,
} from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { BATS_ADD_PATH, claimLinkToCbor, createClaimLink } from '#lib/protocol/index.ts';
import type { BlockToWrite } from '#lib/protocol/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import type { BlockStore, RecordStore } from '#lib/stores/index.ts';
import { createLocalNode } from './local-node.ts';
import type { LocalNode } from './local-node.ts';
import type { LocalNodeDeps } from './context.ts';

export const NOW_MS = 1_800_000_000_000;
/** What a sign-up sends where no work and no invitation are asked for. */
export const UNASKED = { work: { prefix: new Uint8Array(8) }, token: '' };
export const EMPTY_CHAMP: CborValue = [new Uint8Array(), new Uint8Array(), []];

export function seededRandom(seed: string): Random {
  let count = 0;
  return (length) => {
    const out = new Uint8Array(length);
    for (let at = 0; at < length; at += 32) {
      out.set(sha256Now(utf8(`${seed} ${count++}`)).subarray(0, length - at), at);
    }
    return out;
  };
}

export function keyPair(name: string): SigningKeyPair {
  return SigningKeyPair.fromSeed(sha256Now(utf8(name)));
}

export interface Bench {
  readonly node: LocalNode;
  readonly deps: LocalNodeDeps & { readonly blocks: BlockStore; readonly records: RecordStore };
  /** The clock; tests move it. */
  readonly time: { nowMs: number };
}

export function createBench(overrides: Partial<LocalNodeDeps> = {}): Bench {
  const time = { nowMs: NOW_MS };
  const deps = {
    ...createMemoryStores(),
    clock: () => time.nowMs,
    random: seededRandom('node'),
    ...overrides,
  };
  return { node: createLocalNode(deps), deps, time };
}

export function cidOf(value: CborValue): Cid {
  return hashBlockNow(encodeCbor(value), CODEC.dagCbor);
}

export async function signedBlock(
  writer: SigningKeyPair,
  bytes: Uint8Array,
): Promise<BlockToWrite> {
  return { bytes, authorisation: await signBlock(writer, bytes) };
}

export async function signedPointer(
  writer: SigningKeyPair,
  original: Cid | undefined,
  updated: Cid | undefined,
  sequence?: number,
): Promise<Uint8Array> {
  const update = [original?.bytes ?? null, updated?.bytes ?? null];
  return sign(writer, encodeCbor(sequence === undefined ? update : [...update, sequence]));
}

/** A champ with one node. */
export function champOf(pairs: readonly (readonly [Uint8Array, CborValue])[]): CborValue {
  const buckets = new Map<number, CborValue[]>();
  for (const [key, value] of [...pairs].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const position = (key[0] ?? 0) & 7;
    buckets.set(position, [...(buckets.get(position) ?? []), key, value]);
  }
  const positions = [...buckets.keys()].sort((a, b) => a - b);
  const dataMap = positions.reduce((map, position) => map | (1 << position), 0);
  return [
    dataMap === 0 ? new Uint8Array() : Uint8Array.of(dataMap),
    new Uint8Array(),
    positions.map((position) => buckets.get(position) ?? []),
  ];
}

/** The values of a state that lists `children`, in the order they are to be stored. */
export async function ownedBy(
  parent: SigningKeyPair,
  children: readonly SigningKeyPair[],
): Promise<{ owned: Cid; values: CborValue[] }> {
  const proofs = await Promise.all(children.map((child) => ownerProof(child, parent.hash)));
  const champ = champOf(
    children.map((child, i) => [
      encodeCbor(child.hash).slice().reverse(),
      cidOf(proofs[i] ?? null),
    ]),
  );
  return { owned: cidOf(champ), values: [...proofs, champ] };
}

/** An account and its writers, each with the state it was given last. */
export class TestAccount {
  readonly node: LocalNode;
  readonly username: string;
  readonly identity: SigningKeyPair;
  readonly home: SigningKeyPair;
  readonly login: SigningKeyPair;
  readonly mirrorBat: BatWithId;
  readonly #states = new Map<string, { target: Cid | undefined; sequence: number }>();

  constructor(node: LocalNode, username: string) {
    this.node = node;
    this.username = username;
    this.identity = keyPair(`${username} identity`);
    this.home = keyPair(`${username} home`);
    this.login = keyPair(`${username} login`);
    const bat = new Bat(sha256Now(utf8(`${username} bat`)));
    this.mirrorBat = new BatWithId(bat, bat.secretHashId());
  }

  static async signUp(node: LocalNode, username = 'alice'): Promise<TestAccount> {
    const account = new TestAccount(node, username);
    await node.accounts.signUp(await account.signUpRequest());
    return account;
  }

  get owner(): KeyHash {
    return this.identity.hash;
  }

  /** CBOR of the parts of a sign-up; a test replaces some before it encodes them. */
  async opLogParts(): Promise<Map<string, CborValue>> {
    const { owned, values } = await ownedBy(this.identity, [this.home]);
    const state = this.stateValue(this.identity, { owned, algorithm: ALGORITHM });
    const homeState = this.stateValue(this.home, { owned: cidOf(EMPTY_CHAMP) });
    const login = this.loginData(this.login, 'first');
    return new Map<string, CborValue>([
      [
        'ops',
        [
          ...(await this.#blockWrites(this.identity, [...values, state])),
          await this.#pointerWrite(this.identity, cidOf(state)),
          ...(await this.#blockWrites(this.home, [EMPTY_CHAMP, homeState])),
          await this.#pointerWrite(this.home, cidOf(homeState)),
        ],
      ],
      ['login', login],
      ['loginAuth', await signDetached(this.identity, encodeCbor(login))],
      ['b', this.mirrorBat.toCbor()],
      ['a', await signRequest(this.identity, BATS_ADD_PATH, 0)],
    ]);
  }

  async signUpRequest() {
    const link = await createClaimLink(this.identity, {
      username: this.username,
      expiry: '2027-01-23',
      storageProviders: [await this.node.blocks.nodeId()],
    });
    const opLog = encodeCbor(cborMap(await this.opLogParts()));
    return { username: this.username, chain: [claimLinkToCbor(link)], opLog, ...UNASKED };
  }

  loginData(login: SigningKeyPair, content: string): CborValue {
    return cborMap([
      ['u', this.username],
      ['e', [new Uint8Array(24), utf8(content)]],
      ['r', login.publicKey.toCbor()],
    ]);
  }

  stateValue(writer: SigningKeyPair, fields: Record<string, CborValue>): CborValue {
    return cborMap([...Object.entries(fields), ['controller', writer.hash]]);
  }

  target(writer: SigningKeyPair): Cid | undefined {
    return this.#states.get(writer.hash.toString())?.target;
  }

  async put(writer: SigningKeyPair, tid: string, values: readonly CborValue[]): Promise<Cid[]> {
    const blocks = await Promise.all(values.map((v) => signedBlock(writer, encodeCbor(v))));
    return this.node.blocks.put(this.owner, writer.hash, blocks, 'dag-cbor', tid);
  }

  async putRaw(writer: SigningKeyPair, tid: string, blocks: readonly Uint8Array[]): Promise<Cid[]> {
    const signed = await Promise.all(blocks.map((bytes) => signedBlock(writer, bytes)));
    return this.node.blocks.put(this.owner, writer.hash, signed, 'raw', tid);
  }

  /** One commit: transaction, blocks, pointer, end of transaction. */
  async commit(
    writer: SigningKeyPair,
    fields: Record<string, CborValue>,
    values: readonly CborValue[] = [],
    node: LocalNode = this.node,
  ): Promise<Cid> {
    const tid = await node.blocks.startTransaction(this.owner);
    const state = this.stateValue(writer, fields);
    const blocks = await Promise.all(
      [...values, state].map((v) => signedBlock(writer, encodeCbor(v))),
    );
    await node.blocks.put(this.owner, writer.hash, blocks, 'dag-cbor', tid);
    await node.pointers.set(this.owner, writer.hash, await this.nextPointer(writer, cidOf(state)));
    this.note(writer, cidOf(state));
    await node.blocks.closeTransaction(this.owner, tid);
    return cidOf(state);
  }

  /** The signed update from the noted state to `target`. */
  async nextPointer(writer: SigningKeyPair, target: Cid | undefined): Promise<Uint8Array> {
    const now = this.#states.get(writer.hash.toString());
    return signedPointer(writer, now?.target, target, (now?.sequence ?? 0) + 1);
  }

  note(writer: SigningKeyPair, target: Cid | undefined): void {
    const sequence = (this.#states.get(writer.hash.toString())?.sequence ?? 0) + 1;
    this.#states.set(writer.hash.toString(), { target, sequence });
  }

  async #blockWrites(writer: SigningKeyPair, values: readonly CborValue[]): Promise<CborValue[]> {
    return Promise.all(
      values.map(async (value) =>
        cborMap([
          ['w', writer.hash],
          ['s', await signBlock(writer, encodeCbor(value))],
          ['b', encodeCbor(value)],
          ['r', false],
        ]),
      ),
    );
  }

  async #pointerWrite(writer: SigningKeyPair, target: Cid): Promise<CborValue> {
    this.#states.set(writer.hash.toString(), { target, sequence: 1 });
    return cborMap([
      ['w', writer.hash],
      ['s', await signedPointer(writer, undefined, target, 1)],
    ]);
  }
}

const ALGORITHM: CborValue = cborMap([
  ['type', 1],
  ['m', 17],
  ['c', 8],
  ['p', 1],
  ['o', 64],
  ['s', 'salt'],
]);

/** What the login record of this key holds, as text. */
export async function readLogin(
  node: LocalNode,
  account: TestAccount,
  login: SigningKeyPair,
): Promise<string> {
  const auth = await signTime(login, NOW_MS);
  const answer = (await node.accounts.getLogin(account.username, login.publicKey, auth)) as CborMap;
  return new TextDecoder().decode((answer.get('r') as Uint8Array[])[1]);
}

export { blockKey, TABLE, writerRecordToBytes } from './records.ts';
