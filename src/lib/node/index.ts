/**
 * The storage node: its interface and the local implementation (B-1, B-2, B-3, B-6, A-10).
 * Knows blocks, signed pointers, names and login records; can decrypt none of it.
 */
export { BATS_ADD_PATH, BATS_LIST_PATH } from './local-bats.ts';
export {
  claimChainFromCbor,
  claimChainToCbor,
  claimLinkToCbor,
  createClaimLink,
  mergeClaimChains,
  NEVER_EXPIRES,
  verifyClaimChain,
} from './claims.ts';
export type { Claim, UserPublicKeyLink } from './claims.ts';
export type { Collected } from './collect.ts';
export type { LocalNodeDeps } from './context.ts';
export { findDamage } from './damage.ts';
export type { Damage } from './damage.ts';
export {
  BadClaimChain,
  BadName,
  BlockTooBig,
  ChampRootMissing,
  CollectionStopped,
  MalformedRequest,
  NameTaken,
  NodeUnreachable,
  PointerConflict,
  PointerRefused,
  QuotaExceeded,
  StaleClock,
  Unauthorised,
  UnknownUser,
  UnknownWriter,
  WrongHost,
  WrongPassword,
  WrongSignature,
} from './errors.ts';
export { handleRequest } from './http/handler/handle-request.ts';
export type { HandlerOptions } from './http/handler/options.ts';
export { PATHS } from './http/paths.ts';
export { createLocalNode } from './local-node.ts';
export type { LocalNode } from './local-node.ts';
export { OP_LOG_MAX_BYTES } from './op-log.ts';
export { reachableBlocks } from './reachable.ts';
export type { LoadReached, ReachedBlock } from './reachable.ts';
export {
  abandonAccount,
  AccountDamaged,
  examineAccount,
  placeAccount,
  storeForAccount,
} from './restore.ts';
export type { AccountRecords, ExaminedAccount } from './restore.ts';
export type {
  BlockFormat,
  BlockToWrite,
  ChampKey,
  NodeAccounts,
  NodeBats,
  NodeBlocks,
  NodeNames,
  NodePointers,
  NodeSpace,
  SignedPointer,
  SignUpRequest,
  StorageNode,
  UnverifiedBlock,
} from './types.ts';
export { isValidUsername } from './username.ts';
