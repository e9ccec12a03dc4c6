/** `/api/v0/…`: blocks, champ look-ups, transactions and what the node is (B-1 §2.1, B-6 §2, §5). */
import { fromHex } from '#lib/bytes/index.ts';
import {
  asBytes,
  asInteger,
  asList,
  asMap,
  BULK_AUTH_MAX_BLOCKS,
  cborMap,
  Cid,
  field,
  optional,
} from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { BatWithId, toBatId } from '#lib/crypto/index.ts';
import type { ChampKey, DirectRequest } from '#lib/node/index.ts';
import {
  ipnsRecordToJson,
  MalformedRequest,
  NotOffered,
  parseRequest,
  PATHS,
} from '#lib/protocol/index.ts';
import type { BlockFormat, BlockToWrite } from '#lib/protocol/index.ts';
import { bytesAnswer, cached, cborAnswer, jsonAnswer, textAnswer } from './responses.ts';
import { cborOf, endpoint, requireFew } from './endpoint.ts';
import type { Call, EndpointTable } from './endpoint.ts';
import { orUnknownOwner, ownerOf, writerOf } from './known-owner.ts';
import { multipartParts } from './multipart.ts';

const LABEL = /^[1-9]\d{0,18}$/u;

export const BLOCK_ENDPOINTS: EndpointTable = [
  endpoint(PATHS.id, async ({ node }) =>
    jsonAnswer(JSON.stringify({ ID: (await node.blocks.nodeId()).toString() })),
  ),
  endpoint(PATHS.ids, async ({ node }) =>
    jsonAnswer(JSON.stringify({ IDS: (await node.blocks.nodeIds()).map(String) })),
  ),
  endpoint(PATHS.blockStoreProperties, blockStoreProperties),
  endpoint(PATHS.transactionStart, async (call) =>
    textAnswer(await call.node.blocks.startTransaction(ownerOf(call))),
  ),
  endpoint(PATHS.transactionClose, async (call) => {
    await call.node.blocks.closeTransaction(ownerOf(call), call.query.arg());
    return textAnswer('1');
  }),
  endpoint(PATHS.blockPutBulk, putBulk),
  endpoint(PATHS.blockPut, putMultipart),
  endpoint(PATHS.blockGet, getBlock),
  endpoint(PATHS.blockStat, statBlock),
  endpoint(PATHS.champGetBulk, champGetBulk),
  endpoint(PATHS.champGet, champGet),
  endpoint(PATHS.linkHost, async (call) => textAnswer(await call.node.links.host(ownerOf(call)))),
  endpoint(PATHS.linkGet, getLink),
  endpoint(PATHS.linkCounts, notOffered),
  endpoint(PATHS.ipnsGet, nodeRecord),
  endpoint(PATHS.authoriseWrites, authoriseWrites),
  endpoint(PATHS.authoriseReads, authoriseReads),
];

async function blockStoreProperties({ node }: Call): Promise<Response> {
  const properties = await node.blocks.properties();
  return cborAnswer(
    cborMap([
      ['w', properties.directWrites],
      ['pr', properties.publicReads],
      ['ar', properties.authorisedReads],
      ['b', properties.publicReadUrl],
      ['ba', properties.objectStoreUrl],
    ]),
  );
}

async function nodeRecord({ node, query }: Call): Promise<Response> {
  const record = await node.blocks.nodeRecord(query.cid());
  if (record === undefined) throw new NotOffered('This server has no record of that id.');
  return jsonAnswer(ipnsRecordToJson(record));
}

async function putBulk(call: Call): Promise<Response> {
  const what = 'The upload';
  const { bytes, signed } = parseRequest(what, () => {
    const map = asMap(cborOf(call), what);
    const bytesIn = (key: string) =>
      asList(field(map, key, what), what).map((item) => asBytes(item, what));
    return { bytes: bytesIn('b'), signed: bytesIn('s') };
  });
  requireSameLength(bytes.length, signed.length);
  requireFewBlocks(call, bytes.length);
  return put(
    call,
    bytes.map((block, i) => ({ bytes: block, authorisation: signed[i] ?? new Uint8Array() })),
  );
}

/** The form of older clients: one part a block, the signatures in the query. */
async function putMultipart(call: Call): Promise<Response> {
  const type = call.request.headers.get('content-type') ?? '';
  const signed = call.query.text('signatures').split(',');
  requireFewBlocks(call, signed.length);
  const parts = multipartParts(call.body, type, signed.length + 1);
  requireSameLength(parts.length, signed.length);
  const blocks = parseRequest('The signatures', () =>
    parts.map((bytes, i) => ({ bytes, authorisation: fromHex(signed[i] ?? '') })),
  );
  return put(call, blocks);
}

function requireSameLength(blocks: number, signatures: number): void {
  if (blocks === signatures) return;
  throw new MalformedRequest(
    `Different number of of blocks and signatures! ${blocks} != ${signatures}`,
  );
}

/** As many as clients put into one request (B-1 §2.1). */
function requireFewBlocks(call: Call, blocks: number): void {
  const isRaw = call.query.text('format') === 'raw';
  if (blocks > (isRaw ? BULK_AUTH_MAX_BLOCKS : call.limits.items)) {
    throw new MalformedRequest(`Too many blocks at once! ${blocks}`);
  }
}

async function put(call: Call, blocks: readonly BlockToWrite[]): Promise<Response> {
  const { node, query, signal } = call;
  const owner = ownerOf(call);
  const writer = writerOf(call);
  call.refused.writeBytes = blocks.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const tid = query.text('transaction');
  const storing = node.blocks.put(
    owner,
    writer,
    blocks,
    formatOf(query.text('format')),
    tid,
    signal,
  );
  const cids = await orUnknownOwner(call, owner, storing);
  return jsonAnswer(cids.map((cid) => JSON.stringify({ Hash: cid.toString() })).join(''));
}

function formatOf(text: string): BlockFormat {
  if (text === 'raw' || text === 'dag-cbor') return text;
  throw new MalformedRequest('The format of the blocks is unknown.');
}

async function getBlock(call: Call): Promise<Response> {
  const { node, query, request, signal } = call;
  const owner = ownerOf(call);
  const cid = query.cid();
  const reading = node.blocks.get(owner, cid, query.bat(), signal);
  const bytes = await orUnknownOwner(call, owner, reading);
  return bytes === undefined
    ? bytesAnswer(new Uint8Array())
    : cached(bytesAnswer(bytes), cid, request);
}

async function statBlock(call: Call): Promise<Response> {
  const cid = call.query.cid();
  const sizeBytes = await call.node.blocks.sizeBytes(ownerOf(call), cid);
  const answer = jsonAnswer(JSON.stringify({ Size: sizeBytes }));
  return sizeBytes === 0 ? answer : cached(answer, cid, call.request);
}

async function champGetBulk(call: Call): Promise<Response> {
  if (call.query.get('caps') === undefined) return champGet(call);
  const caps = call.query.cbor('caps');
  const keys = parseRequest('The parameter "caps"', () => asList(caps, 'the keys').map(champKey));
  requireFew(call, keys.length, 'Too many caps in bulk champ get call!');
  return lookUp(call, keys);
}

function champKey(value: CborValue): ChampKey {
  const map = asMap(value, 'a key');
  const key = asBytes(field(map, 'm', 'a key'), 'a key');
  const bat = optional(map, 'b');
  return bat === undefined ? { key } : { key, bat: BatWithId.fromCbor(bat) };
}

/** The form of older clients: one key, in hex. */
async function champGet(call: Call): Promise<Response> {
  const text = call.query.arg(1);
  const key = parseRequest('The key', () => fromHex(text));
  const bat = call.query.bat();
  return lookUp(call, [bat === undefined ? { key } : { key, bat }]);
}

async function lookUp(call: Call, keys: readonly ChampKey[]): Promise<Response> {
  const owner = ownerOf(call);
  const root = call.query.cid();
  call.refused.cid = root;
  const blocks = await call.node.blocks.champLookup(owner, root, keys, call.signal);
  return cached(cborAnswer(blocks.map(({ bytes }) => bytes)), root, call.request);
}

async function getLink(call: Call): Promise<Response> {
  const label = call.query.text('label');
  if (!LABEL.test(label)) throw new MalformedRequest('The label of a link is malformed.');
  return cborAnswer(await call.node.links.get(ownerOf(call), BigInt(label)));
}

async function authoriseWrites(call: Call): Promise<Response> {
  const blocks = parseRequest('The announcement', () => {
    const map = asMap(cborOf(call), 'the announcement');
    const [signed, sizes, bats] = (['s', 'l', 'b'] as const).map((key) =>
      asList(field(map, key, 'the announcement'), 'the announcement'),
    );
    return (signed ?? []).map((authorisation, i) => ({
      authorisation: asBytes(authorisation, 'a signature'),
      sizeBytes: asInteger(sizes?.[i], 'a size'),
      batIds: asList(bats?.[i], 'the tokens').map(toBatId),
    }));
  });
  requireFew(call, blocks.length, 'Too many blocks to authorise!');
  const tid = call.query.text('transaction');
  const owner = ownerOf(call);
  const requests = await call.node.blocks.authoriseWrites(owner, writerOf(call), blocks, tid);
  return cborAnswer(requests.map(directRequest));
}

async function authoriseReads(call: Call): Promise<Response> {
  const blocks = parseRequest('The request', () =>
    asList(cborOf(call), 'the blocks').map((value) => {
      const map = asMap(value, 'a block');
      const cid = Cid.fromBytes(asBytes(field(map, 'h', 'a block'), 'a block'));
      const bat = optional(map, 'b');
      return bat === undefined ? { cid } : { cid, bat: BatWithId.fromCbor(bat) };
    }),
  );
  requireFew(call, blocks.length, 'Too many blocks to authorise!');
  const requests = await call.node.blocks.authoriseReads(ownerOf(call), blocks);
  return cborAnswer(requests.map(directRequest));
}

function directRequest({ url, headers }: DirectRequest): CborValue {
  return cborMap([
    ['b', url],
    ['h', cborMap(headers)],
  ]);
}

function notOffered(): Promise<Response> {
  return Promise.reject(new NotOffered('This server does not offer this.'));
}
