/**
 * The description beside the blocks of an archive (`node.json`): everything of an account that a
 * node keeps outside its block store. Byte strings are lower-case hex, CIDs text.
 *
 * Read and written here and nowhere else. What is read comes from anywhere: hostile. Unknown members
 * are passed over; of the known ones only name, claim chain and pointers have to be there. A member
 * `password`, and secret links with their passwords, are never read nor written.
 *
 * Nothing in it is verified here: signatures, claims and hashes are checked where it is used.
 */
import { fromHex, PyrgosError, toHex } from '#lib/bytes/index.ts';
import { asList, Cid, decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { Bat, BatWithId, PublicSigningKey, toBatId, toKeyHash } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { SignedPointer } from '#lib/node/index.ts';
import {
  claimChainFromCbor,
  claimChainToCbor,
  pointerUpdateFromCbor,
} from '#lib/protocol/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';
import { MalformedDescription } from './errors.ts';
import { listIn, numberIn, objectIn, objectOf, textIn, type JsonObject } from './json.ts';

/** The only format there is. */
const FORMAT = 1;
const SIGNATURE_BYTES = 64;

export interface Description {
  /** The node the archive was taken from; claims name it as home. */
  readonly serverId: Cid | undefined;
  readonly capturedAtMs: number | undefined;
  /** How many blocks the file beside it has, when that is said. */
  readonly blocks: number | undefined;
  readonly usernames: readonly string[];
  /** Each on its own: one that is damaged spoils no other. Throws {@link MalformedDescription}. */
  user(username: string): DescribedUser | undefined;
}

export interface DescribedUser {
  readonly username: string;
  readonly identity: KeyHash;
  readonly chain: readonly UserPublicKeyLink[];
  /** Absent: the account keeps its entry points in its public state (B-3 §7). */
  readonly login: DescribedLogin | undefined;
  readonly pointers: readonly SignedPointer[];
  /** Mirror BATs, oldest first. */
  readonly bats: readonly BatWithId[];
  /** Waiting BlindFollowRequests as they were sent, oldest first. */
  readonly followRequests: readonly Uint8Array[];
  /** Of secret links that were opened: label, how often, seconds when last. */
  readonly linkCounts: readonly (readonly [number, number, number])[];
  readonly quotaBytes: number | undefined;
  readonly usageBytes: number | undefined;
}

export interface DescribedLogin {
  /** UserStaticData. */
  readonly entryPoints: CborValue;
  readonly loginKey: PublicSigningKey;
}

/** Throws {@link MalformedDescription}, saying which member is wrong. */
export function parseDescription(text: string): Description {
  const root = objectOf(parseJson(text), 'The description');
  const format = numberIn(root, 'format');
  if (format !== undefined && format !== FORMAT) {
    throw new MalformedDescription(`The description has format ${format}, not ${FORMAT}.`);
  }
  const serverId = textIn(root, 'serverId');
  const blockstore = objectIn(root, 'blockstore');
  const users = objectIn(root, 'users');
  if (users === undefined) throw new MalformedDescription('The description has no users.');
  return {
    serverId: serverId === undefined ? undefined : decoded('serverId', () => Cid.parse(serverId)),
    capturedAtMs: numberIn(root, 'capturedAtMillis'),
    blocks: blockstore && numberIn(blockstore, 'blocks'),
    usernames: [...users.keys()],
    user(username) {
      const value = users.get(username);
      if (value === undefined) return undefined;
      return userOf(username, objectOf(value, `User "${username}"`));
    },
  };
}

/** What a new archive says of itself. */
export interface DescriptionToWrite {
  readonly serverId: Cid;
  readonly capturedAtMs: number;
  readonly software: string;
  readonly blocks: { readonly count: number; readonly bytes: number };
  readonly users: readonly DescribedUser[];
}

/** The text of `node.json`. */
export function formatDescription(description: DescriptionToWrite): string {
  const { serverId, capturedAtMs, software, blocks, users } = description;
  const members = {
    format: FORMAT,
    serverVersion: { s: '', v: software },
    capturedAtMillis: capturedAtMs,
    serverId: serverId.toString(),
    blockstore: { file: 'blocks.car', blocks: blocks.count, bytes: blocks.bytes },
    users: Object.fromEntries(users.map((user) => [user.username, userToJson(user)])),
  };
  return `${JSON.stringify(members, undefined, 1)}\n`;
}

function userOf(username: string, user: JsonObject): DescribedUser {
  const what = (member: string) => `"${member}" of user "${username}"`;
  const chain = decoded(what('pkiChain'), () =>
    claimChainFromCbor(decodeBlock(fromHex(required(user, 'pkiChain', username)))),
  );
  const identity = chain.at(-1)?.owner;
  if (identity === undefined) throw new MalformedDescription(`User "${username}" has no claim.`);
  const said = textIn(user, 'identity');
  if (said !== undefined && said !== identity.toString()) {
    throw new MalformedDescription(`${what('identity')} is not the one the claims name.`);
  }
  const login = objectIn(user, 'login');
  return {
    username,
    identity,
    chain,
    login: login && decoded(what('login'), () => loginOf(login, username)),
    pointers: decoded(what('pointers'), () =>
      listIn(user, 'pointers', true).map((value) => pointerOf(value, username, identity)),
    ),
    bats: decoded(what('bats'), () => listIn(user, 'bats').map(batOf)),
    followRequests: decoded(what('followRequests'), () =>
      listIn(user, 'followRequests').map((value) => fromHex(textOf(value, 'A follow request'))),
    ),
    linkCounts: listIn(user, 'linkCounts').map(linkCountOf),
    quotaBytes: numberIn(user, 'quota'),
    usageBytes: numberIn(user, 'usage'),
  };
}

function loginOf(login: JsonObject, username: string): DescribedLogin {
  const entryPoints = decodeBlock(fromHex(required(login, 'entryPoints', username)));
  asList(entryPoints, 'The entry points');
  const loginKey = PublicSigningKey.fromCbor(
    decodeBlock(fromHex(required(login, 'authorisedReader', username))),
  );
  return { entryPoints, loginKey };
}

function pointerOf(value: unknown, username: string, identity: KeyHash): SignedPointer {
  const pointer = objectOf(value, 'A pointer');
  const owner = textIn(pointer, 'owner');
  if (owner !== undefined && owner !== identity.toString()) {
    throw new MalformedDescription(`A pointer of user "${username}" belongs to somebody else.`);
  }
  const writer = Cid.parse(required(pointer, 'writer', username));
  return {
    writer: toKeyHash(writer, 'A writer'),
    signed: fromHex(required(pointer, 'signed', username)),
  };
}

function batOf(value: unknown): BatWithId {
  const bat = objectOf(value, 'A mirror BAT');
  const id = toBatId(Cid.parse(required(bat, 'id', '')).bytes);
  const secret = fromHex(required(bat, 'secret', ''));
  return new BatWithId(Bat.fromCbor(new Map([['s', secret]])), id);
}

function linkCountOf(value: unknown): readonly [number, number, number] {
  const count = objectOf(value, 'A count');
  const member = (name: string): number => numberIn(count, name) ?? 0;
  return [member('label'), member('count'), member('modifiedSeconds')];
}

function userToJson(user: DescribedUser) {
  const { identity, chain, login, pointers, bats, followRequests } = user;
  return {
    identity: identity.toString(),
    pkiChain: cborHex(claimChainToCbor(chain)),
    login: login
      ? {
          entryPoints: cborHex(login.entryPoints),
          authorisedReader: cborHex(login.loginKey.toCbor()),
        }
      : null,
    pointers: pointers.map((pointer) => pointerToJson(identity, pointer)),
    bats: bats.map((bat) => ({
      id: bat.id.toString(),
      secret: toHex(bat.bat.secret),
      batWithId: bat.toSecretText(),
    })),
    followRequests: followRequests.map(toHex),
    quota: user.quotaBytes,
    usage: user.usageBytes,
    spaceRequest: null,
    linkCounts: user.linkCounts.map(([label, count, modifiedSeconds]) => ({
      label,
      count,
      modifiedSeconds,
    })),
    secretLinks: [],
  };
}

/** Repeats the content of the signed pointer in plain form, for readers of the file. */
function pointerToJson(owner: KeyHash, { writer, signed }: SignedPointer) {
  const update = pointerUpdateFromCbor(decodeBlock(signed.subarray(SIGNATURE_BYTES)));
  return {
    owner: owner.toString(),
    writer: writer.toString(),
    signed: toHex(signed),
    target: update.updated?.toString() ?? null,
    sequence: update.sequence === undefined ? null : Number(update.sequence),
  };
}

function cborHex(value: CborValue): string {
  return toHex(encodeCbor(value));
}

function textOf(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw new MalformedDescription(`${what} is not text.`);
}

function required(object: JsonObject, member: string, username: string): string {
  const text = textIn(object, member);
  if (text !== undefined) return text;
  const place = username === '' ? '' : ` of user "${username}"`;
  throw new MalformedDescription(`The member "${member}"${place} is missing.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new MalformedDescription('The description is not JSON.', { cause: error });
  }
}

function decoded<T>(what: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof MalformedDescription || !(error instanceof PyrgosError)) throw error;
    throw new MalformedDescription(`${what} cannot be read: ${error.message}`, { cause: error });
  }
}
