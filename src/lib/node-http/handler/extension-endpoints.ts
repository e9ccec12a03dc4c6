/** What this node offers beyond the protocol, and how it says so (`../offers.ts`). */
import {
  asBytes,
  asList,
  asMap,
  asText,
  cborMap,
  Cid,
  CID_TEXT_MAX_UNITS,
  field,
  optional,
} from '#lib/codec/index.ts';
import { BatWithId } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { MigrationExtras, StorageNode } from '#lib/node/index.ts';
import {
  MalformedRequest,
  nodeReportToBytes,
  NotOffered,
  parseRequest,
  pointerStateOf,
  Unauthorised,
} from '#lib/protocol/index.ts';
import {
  BLOCK_GET_BULK,
  MIGRATION_ADDRESSES_MAX,
  MIGRATION_STEPS,
  MIRROR,
  MULTIADDR_MAX_UNITS,
  NODE_REPORT,
  OFFERS_HEADER,
  PEER_ADDRESSES,
  REGISTRY_CAR,
  REGISTRY_PATH_MAX,
} from '../wire/extensions.ts';
import type { Offer } from '../wire/extensions.ts';
import { FrameReader } from '../wire/framing.ts';
import { migrationRequestIn } from './core-endpoints.ts';
import { LOGIN_BYTES, MIGRATION_CHAIN_MAX_BYTES } from './limits.ts';
import { bytesAnswer, cborAnswer } from './responses.ts';
import { cborOf, endpoint, requireFew } from './endpoint.ts';
import type { Call, EndpointTable } from './endpoint.ts';
import { ownerOf } from './known-owner.ts';

const TOKEN_MAX_BYTES = 1024;
const AUTH_MAX_BYTES = 512;

const ALWAYS: readonly Offer[] = [
  'block-bulk',
  'pointer-block',
  'own-transactions',
  'code-session',
];

export const OFFER_ENDPOINTS: EndpointTable = [
  endpoint(BLOCK_GET_BULK, getBlocks),
  endpoint(REGISTRY_CAR, getRegistryBlocks),
  endpoint(MIGRATION_STEPS, stepOfMigration),
  endpoint(PEER_ADDRESSES, getPeerAddresses),
  endpoint(MIRROR, mirror),
  endpoint(NODE_REPORT, getReport),
];

/** Names what is offered in the headers of an answer. Whether there is a store is asked once. */
export function namingOffers(node: StorageNode): (answer: Response) => Promise<Response> {
  let offers: Promise<string> | undefined;
  return async (answer) => {
    if (answer.status !== 200) return answer;
    offers ??= offersOf(node);
    answer.headers.set(OFFERS_HEADER, await offers);
    return answer;
  };
}

async function offersOf(node: StorageNode): Promise<string> {
  const offers: Offer[] = [...ALWAYS];
  if (node.names.registryDifference !== undefined) offers.push('registry-car');
  if (node.names.migrateInSteps !== undefined) offers.push('migration-steps');
  if (node.names.mirror !== undefined) offers.push('mirror');
  if (((await node.blocks.peerAddresses?.()) ?? []).length > 0) offers.push('peer-addresses');
  if (node.admin.report !== undefined) offers.push('node-report');
  if (await hasObjectStore(node)) offers.push('object-store');
  return offers.join(' ');
}

/** The block a pointer names, where anybody may read it; it may be needed next. */
export async function publicTargetOf(
  { node, signal }: Call,
  owner: KeyHash,
  signed: Uint8Array,
): Promise<Uint8Array | undefined> {
  const { target } = pointerStateOf(signed);
  if (target === undefined) return undefined;
  try {
    return await node.blocks.get(owner, target, undefined, signal);
  } catch (error) {
    if (error instanceof Unauthorised) return undefined;
    throw error;
  }
}

async function getBlocks(call: Call): Promise<Response> {
  const { node, signal } = call;
  const what = 'the blocks';
  const asked = parseRequest('The request', () =>
    asList(cborOf(call), what).map((value) => {
      const map = asMap(value, what);
      const bat = optional(map, 'b');
      return {
        cid: Cid.fromBytes(asBytes(field(map, 'h', what), what)),
        bat: bat === undefined ? undefined : BatWithId.fromCbor(bat),
      };
    }),
  );
  requireFew(call, asked.length, 'Too many blocks to read at once!');
  const owner = ownerOf(call);
  const blocks = await Promise.all(
    asked.map(({ cid, bat }) => node.blocks.get(owner, cid, bat, signal)),
  );
  return cborAnswer(blocks.map((block) => block ?? new Uint8Array()));
}

async function getRegistryBlocks({ node, query, signal }: Call): Promise<Response> {
  if (node.names.registryDifference === undefined) {
    throw new NotOffered('This server does not offer this.');
  }
  const start = query.get('start') ?? '';
  if (start.length > REGISTRY_PATH_MAX || !/^[0-7]*$/u.test(start)) {
    throw new MalformedRequest('The place in the tree is none.');
  }
  const root = (name: string): Cid =>
    parseRequest(`The parameter "${name}"`, () => Cid.parse(query.text(name), CID_TEXT_MAX_UNITS));
  const from = query.get('from') === undefined ? undefined : root('from');
  const path = Array.from(start, Number);
  const page = await node.names.registryDifference(from, root('to'), path, signal);
  return bytesAnswer(page ?? new Uint8Array());
}

async function stepOfMigration(call: Call): Promise<Response> {
  const { node, body } = call;
  if (node.names.migrateInSteps === undefined) {
    throw new NotOffered('This server does not offer this.');
  }
  const reader = new FrameReader(body);
  const request = migrationRequestIn(call, reader);
  const extras = { ...extrasIn(call, reader), isCalledOff: reader.bool8() };
  const { phase, doneBytes, doneBlocks, totalBytes } = await node.names.migrateInSteps(
    request,
    extras,
    call.signal,
  );
  return cborAnswer(
    cborMap([
      ['p', phase],
      ['d', doneBytes],
      ['n', doneBlocks],
      ['t', totalBytes],
    ]),
  );
}

function extrasIn(call: Call, reader: FrameReader): MigrationExtras {
  const token = reader.text(TOKEN_MAX_BYTES, 'The token');
  const listed = reader.framed(MIGRATION_ADDRESSES_MAX * MULTIADDR_MAX_UNITS, 'The addresses');
  const addresses = parseRequest('The addresses', () =>
    asList(cborOf(call, listed), 'the addresses').map((it) => asText(it, 'an address')),
  );
  requireFew(call, addresses.length, 'Too many addresses!');
  return { token, addresses };
}

async function mirror(call: Call): Promise<Response> {
  const { node, body, refused } = call;
  if (node.names.mirror === undefined) throw new NotOffered('This server does not offer this.');
  const reader = new FrameReader(body);
  const username = reader.text(TOKEN_MAX_BYTES, 'The name');
  refused.username = username;
  const part = (maxBytes: number, what: string) => {
    const bytes = reader.framed(maxBytes, what);
    return parseRequest(what, () => cborOf(call, bytes));
  };
  const chain = part(MIGRATION_CHAIN_MAX_BYTES, 'The claims');
  const batCbor = part(AUTH_MAX_BYTES, 'The token of the mirror');
  const bat = parseRequest('The token of the mirror', () => BatWithId.fromCbor(batCbor));
  const auth = reader.framed(AUTH_MAX_BYTES, 'The signed request');
  const extras = extrasIn(call, reader);
  const bytes = reader.framed(LOGIN_BYTES, 'The login data');
  const signature = reader.framed(AUTH_MAX_BYTES, 'The signature');
  const login = bytes.length === 0 ? undefined : { bytes, auth: signature };
  const isEnded = reader.bool8();
  const status = await node.names.mirror({ username, chain, bat, auth, extras, login, isEnded });
  return cborAnswer(
    cborMap([
      ['t', status.seenMs],
      ['d', status.doneBytes],
      ['b', status.isBusy],
      ['f', status.failure],
    ]),
  );
}

async function getPeerAddresses({ node }: Call): Promise<Response> {
  return cborAnswer([...((await node.blocks.peerAddresses?.()) ?? [])]);
}

async function getReport({ node, signal }: Call): Promise<Response> {
  const report = await node.admin.report?.(signal);
  if (report === undefined) throw new NotOffered('This server does not offer this.');
  return bytesAnswer(nodeReportToBytes(report));
}

async function hasObjectStore(node: StorageNode): Promise<boolean> {
  try {
    const { directWrites, publicReads, authorisedReads } = await node.blocks.properties();
    return directWrites || publicReads || authorisedReads;
  } catch {
    // Nothing depends on it: every call through the node keeps working.
    return false;
  }
}
