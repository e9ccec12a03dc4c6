/** The costliest requests that come to mind for each endpoint; what they share is in the table below. */
import { concat, toBase58, toHex, utf8 } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { BLOCK_MAX_BYTES, cborMap, CODEC, encodeCbor, type CborValue } from '#lib/codec/index.ts';
import {
  hashBlockNow,
  sign,
  signBlock,
  signDetached,
  signRequest,
  signTime,
  SigningKeyPair,
  systemRandom,
} from '#lib/crypto/index.ts';
import {
  BLOCK_GET_BULK,
  MIGRATION_STEPS,
  MIRROR,
  NODE_REPORT,
  PEER_ADDRESSES,
  REGISTRY_CAR,
} from '#lib/node-http/index.ts';
import { claimLinkToCbor, createClaimLink, PATHS } from '#lib/protocol/index.ts';
import type { Client } from './client.ts';

export interface WorstRequest {
  readonly what: string;
  /** Path and query, without leading slash. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent: a read. */
  readonly body?: Uint8Array;
  /** Blocks it stores in the account of the person who asks: each is a file, which its quota pays for. */
  readonly storedBlocks?: number;
}

type Worst = (client: Client, path: string) => Promise<WorstRequest[]> | WorstRequest[];

/** Headers end at 16 KiB. */
const QUERY_UNITS = 15_500;
const MIB = 1024 * 1024;

const stranger = SigningKeyPair.fromSeed(new Uint8Array(32).fill(7));
const key = String(stranger.hash);

const bytesOf = (length: number, fill = 7) => new Uint8Array(length).fill(fill);
const big = (units: number) => `z${'z'.repeat(units - 1)}`;
const head = (major: number, count: number) => {
  const bytes = new Uint8Array(5);
  new DataView(bytes.buffer).setUint32(1, count);
  bytes[0] = (major << 5) | 26;
  return bytes;
};
/** A list of so many times the same item. */
const listOf = (count: number, item: Uint8Array) => {
  const items = new Uint8Array(count * item.length);
  for (let i = 0; i < count; i++) items.set(item, i * item.length);
  return concat(head(4, count), items);
};
const mapOf = (...entries: (readonly [string, Uint8Array])[]) =>
  concat(
    Uint8Array.of(0xa0 | entries.length),
    ...entries.map(([name, value]) => concat(encodeCbor(name), value)),
  );
const framed = (bytes: Uint8Array) => {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setInt32(0, bytes.length);
  return concat(length, bytes);
};

/** States of the registry that are none, and a place deeper than any tree. */
const registryPages: Worst = (_client, path) =>
  [`to=${key}`, `from=${key}&to=${key}&start=${'7'.repeat(32)}`, `to=${big(QUERY_UNITS)}`].map(
    (query) => ({ what: query.slice(0, 60), target: `${path}?${query}` }),
  );

/** Every parameter as long as a header may be, as big numbers, as hex and as many parts. */
const overlong: Worst = (_client, path) => {
  const names = ['owner', 'writer', 'arg', 'bat', 'caps', 'username', 'auth', 'author', 'mfa'];
  const more = ['batid', 'label', 'email', 'admin', 'req', 'credid', 'code', 'name', 'keyname'];
  const fine = `owner=${key}&writer=${key}&arg=${key}&username=alice&admin=${key}&instance=${key}`;
  const filled = [...names, ...more].flatMap((name) =>
    [big(QUERY_UNITS - fine.length), 'ab'.repeat((QUERY_UNITS - fine.length) / 2)].map((value) => ({
      what: `${name} of ${String(value.length)} characters`,
      target: `${path}?${fine}&${name}=${value}`,
    })),
  );
  return [
    ...filled,
    { what: 'thousands of parts', target: `${path}?${'a=&'.repeat(QUERY_UNITS / 3)}` },
    { what: 'thousands of arg', target: `${path}?${'arg=1&'.repeat(QUERY_UNITS / 6)}` },
    { what: 'nothing but percent signs', target: `${path}?a=${'%C3%BC'.repeat(QUERY_UNITS / 6)}` },
  ];
};

/** Signed as each of these calls wants it, by a person of this node. */
const signed: Worst = async ({ session }, path) => {
  const signer = { hash: session.home.owner, secret: new Uint8Array(64) };
  const request = toHex(await signRequest(stranger, path, Date.now()));
  const time = toHex(await signTime(stranger, Date.now()));
  return [request, time].map((auth, i) => ({
    what: `signed by a stranger (${String(i)})`,
    target: `${path}?username=alice&owner=${String(signer.hash)}&auth=${auth}&name=x&code=123456&credid=00`,
  }));
};

/** A body of the most bytes, of whatever costs most to read. */
function bodies(length: number, query = ''): Worst {
  return (_client, path) =>
    [
      ['empty byte strings', listOf(length - 5, Uint8Array.of(0x40))],
      ['empty maps', listOf(length - 5, Uint8Array.of(0xa0))],
      ['lists in lists', bytesOf(length, 0x81)],
      ['byte strings', listOf(Math.floor((length - 5) / 2), Uint8Array.of(0x41, 1))],
      ['text links', listOf(Math.floor((length - 5) / 156), textLink())],
      ['zeros', bytesOf(length, 0)],
      ['frames', bytesOf(length, 1)],
    ].map(([what, body]) => ({
      what: String(what),
      target: `${path}?username=alice&owner=${key}&writer=${key}&auth=00&keyname=k&transaction=t&format=dag-cbor${query}`,
      body: body as Uint8Array,
    }));
}

/** A link in text form, as long as it may be. */
function textLink(): Uint8Array {
  return concat(Uint8Array.of(0xd8, 0x2a, 0x78, 152), utf8(big(152)));
}

const asWriter = ({ session }: Client) =>
  `owner=${String(session.home.owner)}&writer=${String(session.home.signer.hash)}&transaction=t`;

const bulk = (blocks: readonly Uint8Array[], authorisations: readonly Uint8Array[]) =>
  encodeCbor(
    cborMap([
      ['b', [...blocks]],
      ['s', [...authorisations]],
    ]),
  );

const uploads: Worst = async (client, path) => {
  const { signer } = client.session.home;
  const mine = `${path}?${asWriter(client)}`;
  const theirs = `${path}?owner=${key}&writer=${key}&transaction=t`;
  const many = listOf(2_000_000, Uint8Array.of(0x40));
  const small = Array.from({ length: 1000 }, (_, i) => encodeCbor(['a small block', i]));
  const authorised = await Promise.all(small.map((block) => signBlock(signer, block)));
  const spoilt = authorised.map((it, i) => (i < 999 ? it : bytesOf(96)));
  const foreign = {
    block: Uint8Array.of(0x41),
    authorisation: concat(Uint8Array.of(0x58, 96), bytesOf(96)),
  };
  const one = async (block: Uint8Array) => bulk([block], [await signBlock(signer, block)]);
  const filling = [
    ['empty byte strings', listOf(BLOCK_MAX_BYTES - 5, Uint8Array.of(0x40))],
    ['empty maps', listOf(BLOCK_MAX_BYTES - 5, Uint8Array.of(0xa0))],
    ['text links', listOf(Math.floor((BLOCK_MAX_BYTES - 5) / 156), textLink())],
    ['as many values as it may have', listOf(32_767, Uint8Array.of(0x41, 1))],
  ] as const;
  return [
    {
      what: 'two million empty blocks',
      target: `${theirs}&format=raw`,
      body: mapOf(['b', many], ['s', many]),
    },
    {
      what: 'foreign signatures',
      target: `${theirs}&format=raw`,
      body: mapOf(
        ['b', listOf(38_000, concat(foreign.block, Uint8Array.of(1)))],
        ['s', listOf(38_000, foreign.authorisation)],
      ),
    },
    {
      what: 'as many blocks as it may have',
      target: `${mine}&format=dag-cbor`,
      body: bulk(small, authorised),
      storedBlocks: 1000,
    },
    {
      what: 'the last of as many is bad',
      target: `${mine}&format=dag-cbor`,
      body: bulk(small, spoilt),
    },
    ...(await Promise.all(
      filling.map(async ([what, block]) => ({
        what: `a block of ${what}`,
        target: `${mine}&format=dag-cbor`,
        body: await one(block),
      })),
    )),
  ];
};

const multipart: Worst = (client, path) => {
  const part = utf8('\r\n--b\r\n\r\n');
  const count = Math.floor((4 * MIB) / part.length);
  const body = new Uint8Array(count * part.length);
  for (let i = 0; i < count; i++) body.set(part, i * part.length);
  const signatures = 'ab'.repeat(96);
  const all = Array.from({ length: 70 }, () => signatures).join(',');
  const headers = { 'content-type': 'multipart/form-data; boundary=b' };
  return ['ab', all, ','.repeat(QUERY_UNITS - 500)].map((signs) => ({
    what: `parts without end, ${String(signs.length)} characters of signatures`,
    target: `${path}?${asWriter(client)}&format=raw&signatures=${signs}`,
    headers,
    body,
  }));
};

const pointerUpdates: Worst = async ({ session }, path) => {
  const { owner, signer } = session.home;
  const update = await sign(signer, encodeCbor([null, null, 1]));
  const entry = (writer: Cid, bytes: Uint8Array) =>
    encodeCbor(
      cborMap([
        ['w', writer],
        ['s', bytes],
      ]),
    );
  const mine = entry(signer.hash, update);
  const forged = entry(stranger.hash, await sign(stranger, encodeCbor([null, null, 1])));
  const others = Array.from({ length: 256 }, () => {
    const other = SigningKeyPair.random(systemRandom);
    return entry(other.hash, update);
  });
  const target = `${path}?owner=${String(owner)}`;
  const all = (entries: Uint8Array) => mapOf(['p', entries]);
  return [
    {
      what: 'a MiB of one writer',
      target,
      body: all(listOf(Math.floor((MIB - 64) / mine.length), mine)),
    },
    {
      what: 'a MiB of a stranger',
      target,
      body: all(listOf(Math.floor((MIB - 64) / forged.length), forged)),
    },
    { what: 'as many as it may have, of one writer', target, body: all(listOf(256, mine)) },
    {
      what: 'as many as it may have, of strangers',
      target,
      body: all(concat(head(4, 256), ...others)),
    },
    { what: 'tiny values', target, body: all(listOf(MIB - 64, Uint8Array.of(0x40))) },
  ];
};

/** A chain of so many identities, every link of it valid. */
async function chain(count: number, node: Cid): Promise<Uint8Array[]> {
  const pairs = Array.from({ length: count }, () => SigningKeyPair.random(systemRandom));
  return Promise.all(
    pairs.map(async (pair, i) => {
      const next = pairs[i + 1]?.hash;
      const storageProviders = next === undefined ? [node] : [];
      const claim = { username: 'newcomer', expiry: '2030-01-01', storageProviders };
      return encodeCbor(claimLinkToCbor(await createClaimLink(pair, claim, next)));
    }),
  );
}

const named = (...parts: readonly Uint8Array[]) =>
  concat(framed(utf8('newcomer')), ...parts.map(framed));
const NO_WORK = encodeCbor(
  cborMap([
    ['type', 18],
    ['prefix', new Uint8Array(8)],
  ]),
);

const claims: Worst = async ({ deps }, path) => {
  const node = (await deps.node.blocks.nodeIds()).at(-1)!;
  const links = await chain(201, node);
  const last = await chain(200, node);
  const update = (list: Uint8Array) => named(list, NO_WORK, new Uint8Array());
  const [link = new Uint8Array()] = links;
  return [
    { what: 'twelve thousand claims', target: path, body: update(listOf(12_000, link)) },
    { what: 'one claim too many', target: path, body: update(concat(head(4, 201), ...links)) },
    {
      what: 'as many claims as it may have',
      target: path,
      body: update(concat(head(4, 200), ...last)),
    },
    {
      what: '4 MiB of tiny values',
      target: path,
      body: update(listOf(4 * MIB - 64, Uint8Array.of(0x40))),
    },
  ];
};

const signUps: Worst = async ({ deps }, path) => {
  const node = (await deps.node.blocks.nodeIds()).at(-1)!;
  const pair = SigningKeyPair.random(systemRandom);
  const claim = { username: 'newcomer', expiry: '2030-01-01', storageProviders: [node] };
  const link = encodeCbor(claimLinkToCbor(await createClaimLink(pair, claim)));
  const login = cborMap([
    ['u', 'newcomer'],
    ['e', [new Uint8Array(24), new Uint8Array(8)]],
    ['r', stranger.publicKey.toCbor()],
  ]);
  const loginAuth = encodeCbor(await signDetached(pair, encodeCbor(login)));
  const block = encodeCbor(1);
  const operation = encodeCbor(
    cborMap([
      ['w', pair.hash],
      ['s', await signBlock(pair, block)],
      ['b', block],
      ['r', false],
    ]),
  );
  const opLog = (operations: Uint8Array): Uint8Array =>
    mapOf(['ops', operations], ['login', encodeCbor(login)], ['loginAuth', loginAuth]);
  const most = Math.floor(64_500 / operation.length);
  const request = (first: Uint8Array, log: Uint8Array) =>
    named(first, log, NO_WORK, new Uint8Array());
  return [
    {
      what: 'as many operations as it may have',
      target: path,
      body: request(link, opLog(listOf(most, operation))),
    },
    {
      what: 'tiny operations',
      target: path,
      body: request(link, opLog(listOf(64_000, Uint8Array.of(0xa0)))),
    },
    {
      what: 'a claim of 4 MiB',
      target: path,
      body: request(listOf(4 * MIB - 64, Uint8Array.of(0x40)), opLog(listOf(1, operation))),
    },
  ];
};

/** A champ whose nodes are a MiB each, one below the other; all keys go the same way. */
const lookUps: Worst = async (client, path) => {
  const { owner, signer } = client.session.home;
  const store = async (value: Uint8Array): Promise<Cid> => {
    const blocks = [{ bytes: value, authorisation: await signBlock(signer, value) }];
    await client.deps.node.blocks.put(owner, signer.hash, blocks, 'dag-cbor', 'champ');
    return hashBlockNow(value, CODEC.dagCbor);
  };
  const node = (child: Cid, filling: CborValue) =>
    encodeCbor([Uint8Array.of(2), Uint8Array.of(1), [[bytesOf(8), filling], child]]);
  const end = encodeCbor([new Uint8Array(), new Uint8Array(), []]);
  let long = await store(end);
  for (let i = 0; i < 12; i++) long = await store(node(long, bytesOf(MIB - 200, i)));
  const wide = await store(
    node(
      long,
      Array.from({ length: 8_000 }, () => 1),
    ),
  );
  const far = await store(
    node(
      long,
      Array.from({ length: 30_000 }, () => 1),
    ),
  );
  const keys = Array.from({ length: 20 }, (_, i) =>
    cborMap([['m', concat(bytesOf(31, 0), Uint8Array.of(i))]]),
  );
  const caps = `z${toBase58(encodeCbor(keys))}`;
  const ask = (root: Cid, what: string) => ({
    what,
    target: `${path}?owner=${String(owner)}&arg=${String(root)}&caps=${caps}&arg=${'00'.repeat(32)}`,
  });
  return [ask(long, 'nodes of a MiB'), ask(wide, 'many values'), ask(far, 'too many values')];
};

/** As many of the largest blocks as may be asked for at once. */
const reads: Worst = async (client, path) => {
  const { owner, signer } = client.session.home;
  const cids: Cid[] = [];
  for (let i = 0; i < 8; i++) {
    const bytes = bytesOf(BLOCK_MAX_BYTES, i);
    const blocks = [{ bytes, authorisation: await signBlock(signer, bytes) }];
    cids.push(...(await client.deps.node.blocks.put(owner, signer.hash, blocks, 'raw', 'reads')));
  }
  const body = (list: readonly Cid[]) => encodeCbor(list.map((cid) => cborMap([['h', cid.bytes]])));
  const target = `${path}?owner=${String(owner)}&arg=${String(cids[0])}`;
  return [
    { what: 'the largest', target, body: body(cids) },
    { what: 'too many', target, body: body(Array.from({ length: 150 }, () => cids[0]!)) },
  ];
};

const published: Worst = () => [
  { what: 'thousands of names', target: `public/alice${'/a'.repeat(QUERY_UNITS / 2)}` },
  { what: 'one long name', target: `public/alice/${'a'.repeat(QUERY_UNITS)}` },
  { what: 'percent signs', target: `public/${'%C3%BC'.repeat(QUERY_UNITS / 6)}` },
];

const OWN: ReadonlyMap<string, readonly Worst[]> = new Map<string, readonly Worst[]>([
  [PATHS.blockPutBulk, [uploads, bodies(4 * MIB)]],
  [PATHS.blockPut, [multipart, bodies(4 * MIB)]],
  [PATHS.champGetBulk, [lookUps]],
  [PATHS.champGet, [lookUps]],
  [PATHS.blockGet, [reads]],
  [BLOCK_GET_BULK, [reads, bodies(8192)]],
  [REGISTRY_CAR, [registryPages]],
  [PATHS.authoriseWrites, [bodies(65_536)]],
  [PATHS.authoriseReads, [bodies(65_536)]],
  [PATHS.setPointer, [bodies(1024)]],
  [PATHS.setPointers, [pointerUpdates, bodies(MIB)]],
  [PATHS.getChain, [bodies(8192)]],
  [PATHS.getPublicKey, [bodies(8192)]],
  [PATHS.getUsername, [bodies(8192)]],
  [PATHS.signUp, [signUps, bodies(4 * MIB)]],
  [PATHS.updateChain, [claims, bodies(4 * MIB)]],
  [PATHS.migrateUser, [bodies(12_288)]],
  [MIGRATION_STEPS, [bodies(20_480)]],
  [MIRROR, [bodies(36_864)]],
  [PATHS.followRequest, [bodies(4096)]],
  [PATHS.removeFollowRequest, [bodies(4096)]],
  [PATHS.setLogin, [bodies(16_384)]],
  [PATHS.registerWebauthnComplete, [bodies(2048)]],
  [PATHS.sendMessage, [bodies(10_240)]],
  ['public', [published]],
]);

/** Without a body and without more than their parameters. */
const PLAIN = [
  PEER_ADDRESSES,
  PATHS.id,
  PATHS.ids,
  PATHS.blockStoreProperties,
  PATHS.transactionStart,
  PATHS.transactionClose,
  PATHS.blockStat,
  NODE_REPORT,
  PATHS.linkHost,
  PATHS.linkGet,
  PATHS.linkCounts,
  PATHS.ipnsGet,
  PATHS.getPointer,
  PATHS.getUsernamesGzip,
  PATHS.startPaidSignup,
  PATHS.completePaidSignup,
  PATHS.mirror,
  PATHS.startPaidMirror,
  PATHS.completePaidMirror,
  PATHS.getUserSnapshots,
  PATHS.getLogin,
  PATHS.listMfa,
  PATHS.addTotp,
  PATHS.enableTotp,
  PATHS.addMount,
  PATHS.enableMount,
  PATHS.genBackupCodes,
  PATHS.registerWebauthnStart,
  PATHS.deleteMfa,
  PATHS.getUserBats,
  PATHS.addBat,
  PATHS.getFollowRequests,
  PATHS.usage,
  PATHS.quota,
  PATHS.paymentProperties,
  PATHS.requestSpace,
  PATHS.version,
  PATHS.signUps,
  PATHS.waitingList,
  PATHS.pendingRequests,
  PATHS.approveRequest,
  PATHS.retrieveMessages,
] as const;

/** Which endpoints are known here, and what is sent to each. */
export const WORST: ReadonlyMap<string, readonly Worst[]> = new Map<string, readonly Worst[]>([
  ...PLAIN.map((path) => [path, [overlong, signed]] as const),
  ...[...OWN].map(
    ([path, own]) => [path, path === 'public' ? own : [...own, overlong, signed]] as const,
  ),
]);
