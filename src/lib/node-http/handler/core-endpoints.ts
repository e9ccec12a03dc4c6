/**
 * `/peergos/v0/core/…`: names, claims, sign-up (B-1 §2.3; formats in B-2). Bodies are framed. What is
 * paid for elsewhere is not offered here (B-2 §6.5).
 */
import { concat, toHex, utf8 } from '#lib/bytes/index.ts';
import { asBytes, asInteger, asMap, Cid, decodeCbor, encodeCbor, field } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { asKeyHash, BatWithId, sha256Now } from '#lib/crypto/index.ts';
import type { MigrationRequest, ProofOfWork, StorageNode, UsernameList } from '#lib/node/index.ts';
import {
  MalformedRequest,
  NotOffered,
  OP_LOG_MAX_BYTES,
  parseRequest,
  PATHS,
  UnknownUser,
  WorkRequired,
} from '#lib/protocol/index.ts';
import { bool8, framed, FrameReader, int32 } from '../wire/framing.ts';
import { boolAnswer, bytesAnswer } from './responses.ts';
import { cborOf, endpoint } from './endpoint.ts';
import type { Call, EndpointTable } from './endpoint.ts';
import { LINKS_MAX_BYTES, MIGRATION_CHAIN_MAX_BYTES } from './limits.ts';

const NAME_MAX_BYTES = 1024;
const WORK_MAX_BYTES = 100;
const KEY_MAX_BYTES = 4096;
const NODE_ID_MAX_BYTES = 128;
const BAT_MAX_BYTES = 128;
const SHA_256 = 18;

export const CORE_ENDPOINTS: EndpointTable = [
  endpoint(PATHS.getChain, async ({ node, body }) =>
    bytesAnswer(await node.names.chain(nameIn(new FrameReader(body)))),
  ),
  endpoint(PATHS.getPublicKey, getPublicKey),
  endpoint(PATHS.getUsername, getUsername),
  endpoint(PATHS.getUsernamesGzip, getUsernames),
  endpoint(PATHS.signUp, signUp),
  endpoint(PATHS.updateChain, updateChain),
  endpoint(PATHS.migrateUser, migrateUser),
  endpoint(PATHS.startPaidSignup, notOffered),
  endpoint(PATHS.completePaidSignup, notOffered),
  endpoint(PATHS.mirror, notOffered),
  endpoint(PATHS.startPaidMirror, notOffered),
  endpoint(PATHS.completePaidMirror, notOffered),
  endpoint(PATHS.getUserSnapshots, notOffered),
];

async function getPublicKey({ node, body }: Call): Promise<Response> {
  const identity = await node.names.publicKey(nameIn(new FrameReader(body)));
  return identity === undefined
    ? boolAnswer(false)
    : bytesAnswer(concat(bool8(true), framed(encodeCbor(identity))));
}

async function getUsername({ node, body, refused }: Call): Promise<Response> {
  const bytes = new FrameReader(body).framed(KEY_MAX_BYTES, 'The key');
  const identity = parseRequest('The key', () => asKeyHash(decodeCbor(bytes), 'the key'));
  refused.owner = identity.toString();
  const name = await node.names.nameOf(identity);
  if (name === undefined) throw new UnknownUser('There is no such user here.');
  return bytesAnswer(framed(name));
}

/** The list of names is the same for all callers: concurrent calls share one reading. */
const listsInMaking = new WeakMap<StorageNode, Promise<UsernameList>>();

/** The only compressed answer of all. A client that has the same list is told so. */
async function getUsernames({ node, request }: Call): Promise<Response> {
  const making = listsInMaking.get(node) ?? listOf(node);
  listsInMaking.set(node, making);
  const { gzip, version } = await making.finally(() => listsInMaking.delete(node));
  // The same names may be compressed otherwise by another process.
  const headers = new Headers({ ETag: `W/"${version}"` });
  if (request.headers.get('if-none-match')?.includes(`"${version}"`) === true) {
    return new Response(null, { status: 304, headers });
  }
  headers.set('Content-Encoding', 'gzip');
  headers.set('Content-Type', 'application/json');
  return new Response(gzip as Uint8Array<ArrayBuffer>, { headers });
}

async function listOf({ names }: StorageNode): Promise<UsernameList> {
  if (names.usernameList !== undefined) return names.usernameList();
  const text = utf8(JSON.stringify(await names.usernames()));
  const stream = new Blob([text as Uint8Array<ArrayBuffer>]).stream();
  const body = new Response(stream.pipeThrough(new CompressionStream('gzip')));
  return { gzip: new Uint8Array(await body.arrayBuffer()), version: toHex(sha256Now(text)) };
}

async function signUp(call: Call): Promise<Response> {
  const { node, body, refused } = call;
  const reader = new FrameReader(body);
  const username = nameIn(reader);
  refused.username = username;
  const link = cborIn(call, reader, LINKS_MAX_BYTES, 'The claim');
  const opLog = reader.framed(OP_LOG_MAX_BYTES, 'The sign-up');
  const work = workIn(call, reader);
  const token = reader.text(NAME_MAX_BYTES, 'The token');
  const request = { username, chain: [link], opLog, work, token };
  return unlessWorkRequired(node.accounts.signUp(request));
}

async function updateChain(call: Call): Promise<Response> {
  const { node, body, refused } = call;
  const reader = new FrameReader(body);
  const username = nameIn(reader);
  refused.username = username;
  const chain = cborIn(call, reader, LINKS_MAX_BYTES, 'The claims');
  const work = workIn(call, reader);
  const token = reader.text(NAME_MAX_BYTES, 'The token');
  return unlessWorkRequired(node.names.updateChain(username, chain, work, token));
}

/** `01`, or `00` and how hard the work has to be. */
async function unlessWorkRequired(doing: Promise<void>): Promise<Response> {
  try {
    await doing;
    return boolAnswer(true);
  } catch (error) {
    if (!(error instanceof WorkRequired)) throw error;
    return bytesAnswer(concat(bool8(false), int32(error.difficultyBits)));
  }
}

async function migrateUser(call: Call): Promise<Response> {
  const request = migrationRequestIn(call, new FrameReader(call.body));
  return bytesAnswer(await call.node.names.migrate(request));
}

/** The parts of a request to move, from where the reader is. */
export function migrationRequestIn(call: Call, reader: FrameReader): MigrationRequest {
  const { refused } = call;
  const username = nameIn(reader);
  refused.username = username;
  const chain = cborIn(call, reader, MIGRATION_CHAIN_MAX_BYTES, 'The claims');
  const nodeId = reader.framed(NODE_ID_MAX_BYTES, 'The node id');
  const currentNode = parseRequest('The node id', () => Cid.fromBytes(nodeId));
  const bat = reader.bool8() ? cborIn(call, reader, BAT_MAX_BYTES, 'The token') : undefined;
  const mirrorBat = parseRequest('The token', () =>
    bat === undefined ? undefined : BatWithId.fromCbor(bat),
  );
  const linkCountsAfterSeconds = reader.int64();
  const usageBytes = reader.int64();
  const isCommit = reader.bool8();
  return {
    username,
    chain,
    currentNode,
    mirrorBat,
    linkCountsAfterSeconds,
    usageBytes,
    isCommit,
  };
}

function nameIn(reader: FrameReader): string {
  return reader.text(NAME_MAX_BYTES, 'The name');
}

function cborIn(call: Call, reader: FrameReader, maxBytes: number, what: string): CborValue {
  const bytes = reader.framed(maxBytes, what);
  return parseRequest(what, () => cborOf(call, bytes));
}

function workIn(call: Call, reader: FrameReader): ProofOfWork {
  const what = 'The proof of work';
  const value = cborIn(call, reader, WORK_MAX_BYTES, what);
  return parseRequest(what, () => {
    const map = asMap(value, what);
    if (asInteger(field(map, 'type', what), what) !== SHA_256) {
      throw new MalformedRequest('The proof of work uses another hash.');
    }
    return { prefix: asBytes(field(map, 'prefix', what), what) };
  });
}

function notOffered(): Promise<Response> {
  return Promise.reject(new NotOffered('This server does not offer this.'));
}
