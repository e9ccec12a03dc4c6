/**
 * What one request of each endpoint may cost, decided before any work begins: how long its body may
 * be, how many CBOR values may be in it, how many things it may ask for at once, and how much it may
 * be answered. The figures are what clients of the protocol send at most (B-1 §2), with some room.
 * `tests/server/costs.test.ts` sends every endpoint the worst that passes.
 */
import {
  BLOCK_MAX_BYTES,
  BULK_AUTH_MAX_BLOCKS,
  BULK_CBOR_MAX_BLOCKS,
  BULK_CHAMP_MAX_KEYS,
  CHAMP_NODES_MAX_BYTES,
} from '#lib/codec/index.ts';
import { NODE_REPORT_MAX_BYTES, OP_LOG_MAX_BYTES, PATHS } from '#lib/protocol/index.ts';
import {
  BLOCK_GET_BULK,
  BULK_GET_MAX_BLOCKS,
  MIGRATION_ADDRESSES_MAX,
  MIGRATION_STEPS,
  MIRROR,
  MULTIADDR_MAX_UNITS,
  PEER_ADDRESSES,
  NODE_REPORT,
  REGISTRY_CAR,
  REGISTRY_CAR_MAX_BYTES,
} from '../wire/extensions.ts';
import type { Query } from './query.ts';

export interface EndpointLimits {
  /** 0 = the call has no body; one that comes nevertheless is not read. */
  readonly bodyBytes: number;
  /** CBOR values in the body, or in a part of it. */
  readonly values: number;
  /** Blocks, keys or updates asked for at once. */
  readonly items: number;
  /** Reserved for the answer before it is made; 0: too little to matter. */
  readonly answerBytes: (query: Query) => number;
}

export type LimitedPath =
  | (typeof PATHS)[keyof typeof PATHS]
  | typeof BLOCK_GET_BULK
  | typeof NODE_REPORT
  | typeof REGISTRY_CAR
  | typeof MIGRATION_STEPS
  | typeof PEER_ADDRESSES
  | typeof MIRROR
  | typeof PUBLIC_PAGE;

/** Stands for every path below it. */
export const PUBLIC_PAGE = 'public';

/** Twice the largest sum of blocks clients send at once, and their signatures. */
const BULK_BODY_BYTES = 4 * 1024 * 1024;
const AUTH_BODY_BYTES = 65_536;
/** Names, tokens, numbers, lengths. */
export const SMALL_PARTS_BYTES = 8192;
export const LINKS_MAX_BYTES = 4 * 1024 * 1024;
export const MIGRATION_CHAIN_MAX_BYTES = 4096;
/** A commit moves the pointers of a few writers; the deletion of a tree those of all that are in it. */
const POINTERS_AT_ONCE = 256;
/** A claim has nine, and ids and signatures; a chain has 200 links at most. */
const CLAIM_VALUES = 4096;
/** Keys of a champ look-up have this many characters at least. */
const CHAMP_KEY_UNITS = 50;

/** Login data and what signs them. */
export const LOGIN_BYTES = 16_384;
const FEW = 64;
const nothingMuch = (): number => 0;
const oneBlock = (): number => BLOCK_MAX_BYTES;

const READ: EndpointLimits = { bodyBytes: 0, values: FEW, items: 1, answerBytes: nothingMuch };
const CHAMP: EndpointLimits = { ...READ, items: BULK_CHAMP_MAX_KEYS, answerBytes: champBytes };

function body(bodyBytes: number, more: Partial<EndpointLimits> = {}): EndpointLimits {
  return { ...READ, bodyBytes, ...more };
}

/** Two values for each block of one of two parallel lists, and what holds them. */
function blocksAtOnce(bodyBytes: number, items: number, valuesEach = 2): EndpointLimits {
  return body(bodyBytes, { items, values: items * valuesEach + FEW });
}

export const LIMITS: Readonly<Record<LimitedPath, EndpointLimits>> = {
  [PATHS.id]: READ,
  [PATHS.ids]: READ,
  [PATHS.blockStoreProperties]: READ,
  [PATHS.authoriseWrites]: blocksAtOnce(AUTH_BODY_BYTES, BULK_AUTH_MAX_BLOCKS, 16),
  [PATHS.authoriseReads]: blocksAtOnce(AUTH_BODY_BYTES, BULK_AUTH_MAX_BLOCKS, 16),
  [PATHS.linkHost]: READ,
  [PATHS.linkGet]: READ,
  [PATHS.linkCounts]: READ,
  [PATHS.transactionStart]: READ,
  [PATHS.transactionClose]: READ,
  [PATHS.blockPutBulk]: blocksAtOnce(BULK_BODY_BYTES, BULK_CBOR_MAX_BLOCKS),
  [PATHS.blockPut]: blocksAtOnce(BULK_BODY_BYTES, BULK_CBOR_MAX_BLOCKS),
  [PATHS.blockGet]: { ...READ, answerBytes: oneBlock },
  [PATHS.blockStat]: READ,
  [PATHS.champGetBulk]: CHAMP,
  [PATHS.champGet]: CHAMP,
  [PATHS.ipnsGet]: READ,
  [BLOCK_GET_BULK]: {
    ...blocksAtOnce(8192, BULK_GET_MAX_BLOCKS, 16),
    answerBytes: () => BULK_GET_MAX_BLOCKS * BLOCK_MAX_BYTES,
  },
  [MIGRATION_STEPS]: body(
    MIGRATION_CHAIN_MAX_BYTES + SMALL_PARTS_BYTES + MIGRATION_ADDRESSES_MAX * MULTIADDR_MAX_UNITS,
    { values: CLAIM_VALUES, items: MIGRATION_ADDRESSES_MAX },
  ),
  [PEER_ADDRESSES]: READ,
  [MIRROR]: body(
    MIGRATION_CHAIN_MAX_BYTES +
      LOGIN_BYTES +
      SMALL_PARTS_BYTES +
      MIGRATION_ADDRESSES_MAX * MULTIADDR_MAX_UNITS,
    { values: CLAIM_VALUES, items: MIGRATION_ADDRESSES_MAX },
  ),
  [NODE_REPORT]: { ...READ, answerBytes: () => NODE_REPORT_MAX_BYTES },
  [REGISTRY_CAR]: { ...READ, answerBytes: () => REGISTRY_CAR_MAX_BYTES },

  [PATHS.getPointer]: { ...READ, answerBytes: oneBlock },
  [PATHS.setPointer]: body(1024),
  [PATHS.setPointers]: blocksAtOnce(1024 * 1024, POINTERS_AT_ONCE, 3),

  [PATHS.getChain]: body(SMALL_PARTS_BYTES, { answerBytes: () => 256 * 1024 }),
  [PATHS.getPublicKey]: body(SMALL_PARTS_BYTES),
  [PATHS.getUsername]: body(SMALL_PARTS_BYTES),
  [PATHS.getUsernamesGzip]: { ...READ, answerBytes: () => 4 * 1024 * 1024 },
  [PATHS.signUp]: body(LINKS_MAX_BYTES + OP_LOG_MAX_BYTES + SMALL_PARTS_BYTES, {
    values: CLAIM_VALUES,
  }),
  [PATHS.updateChain]: body(LINKS_MAX_BYTES + SMALL_PARTS_BYTES, { values: CLAIM_VALUES }),
  [PATHS.migrateUser]: body(MIGRATION_CHAIN_MAX_BYTES + SMALL_PARTS_BYTES, {
    values: CLAIM_VALUES,
    answerBytes: () => 4 * 1024 * 1024,
  }),
  [PATHS.startPaidSignup]: READ,
  [PATHS.completePaidSignup]: READ,
  [PATHS.mirror]: READ,
  [PATHS.startPaidMirror]: READ,
  [PATHS.completePaidMirror]: READ,
  [PATHS.getUserSnapshots]: READ,

  [PATHS.followRequest]: body(4096),
  [PATHS.getFollowRequests]: { ...READ, answerBytes: () => 512 * 1024 },
  [PATHS.removeFollowRequest]: body(4096),

  [PATHS.setLogin]: body(LOGIN_BYTES),
  [PATHS.getLogin]: READ,
  [PATHS.listMfa]: READ,
  [PATHS.addTotp]: READ,
  [PATHS.enableTotp]: READ,
  [PATHS.addMount]: READ,
  [PATHS.enableMount]: READ,
  [PATHS.genBackupCodes]: READ,
  [PATHS.registerWebauthnStart]: READ,
  [PATHS.registerWebauthnComplete]: body(2048),
  [PATHS.deleteMfa]: READ,

  [PATHS.getUserBats]: READ,
  [PATHS.addBat]: READ,

  [PATHS.usage]: READ,
  [PATHS.quota]: READ,
  [PATHS.paymentProperties]: READ,
  [PATHS.requestSpace]: READ,

  [PATHS.version]: READ,
  [PATHS.signUps]: READ,
  [PATHS.waitingList]: READ,
  [PATHS.pendingRequests]: { ...READ, answerBytes: () => 1024 * 1024 },
  [PATHS.approveRequest]: READ,

  [PATHS.retrieveMessages]: { ...READ, answerBytes: () => 1024 * 1024 },
  [PATHS.sendMessage]: body(10_240),

  [PUBLIC_PAGE]: READ,
};

/** Path and value blocks of as many keys as the length of the question has room for (B-1 §2.1). */
function champBytes(query: Query): number {
  const units = query.get('caps')?.length ?? 0;
  const keys = Math.min(Math.ceil(units / CHAMP_KEY_UNITS), BULK_CHAMP_MAX_KEYS);
  return Math.max(keys, 1) * BLOCK_MAX_BYTES + CHAMP_NODES_MAX_BYTES;
}
