/**
 * The storage node: its interface and its implementations (B-1, B-2, B-3, B-6, A-10).
 * Knows blocks, signed pointers, names and login records; can decrypt none of it.
 */
export type { Invitation, ListedInvitation, SignUpPolicy } from './local/admission.ts';
export { createCachingNode } from './cache/caching-node.ts';
export type { CachingNode, CachingNodeDeps } from './cache/caching-node.ts';
export type { CacheState } from './cache/reachability.ts';
export { BATS_ADD_PATH, BATS_LIST_PATH } from './local/bats.ts';
export type { Collected } from './local/collect.ts';
export type { LocalNodeDeps } from './local/context.ts';
export { findDamage } from './local/damage.ts';
export type { Damage } from './local/damage.ts';
export type { DirectTransfer } from './local/direct-transfer.ts';
export { createHttpNode } from './http/client/create-http-node.ts';
export type { HttpNodeOptions } from './http/client/create-http-node.ts';
export type { Incoming, Outgoing, Send } from './http/client/wire.ts';
export { isLoopbackHost } from './http/client/loopback.ts';
export { canonicalHost, canonicalHostname, canonicalOrigin } from './http/canonical.ts';
export { AnswerBudget } from './http/handler/answer-budget.ts';
export { contentOf } from './http/handler/answers.ts';
export { handleRequest } from './http/handler/handle-request.ts';
export type { HandlerOptions } from './http/handler/options.ts';
export { BLOCK_GET_BULK } from './http/offers.ts';
export { REFUSAL_HEADER } from './http/trailer.ts';
export { createLocalNode } from './local/local-node.ts';
export type { LocalNode } from './local/local-node.ts';
export type { ServerMessage } from './local/messages.ts';
export type { Operator, WaitingSpaceRequest } from './local/operator.ts';
export { forgetMovedAccount } from './local/forget.ts';
export { PendingDamaged, PendingFull } from './pending/errors.ts';
export { createQueueingNode } from './pending/queueing-node.ts';
export type { QueueingNode } from './pending/queueing-node.ts';
export { reachableBlocks } from './reachable.ts';
export type { LoadReached, ReachedBlock } from './reachable.ts';
export {
  abandonAccount,
  AccountDamaged,
  examineAccount,
  placeAccount,
  storeForAccount,
} from './local/restore.ts';
export type { AccountRecords, ExaminedAccount } from './local/restore.ts';
export type {
  AnnouncedBlock,
  BlockStoreProperties,
  ChampKey,
  DirectRequest,
  MigrationRequest,
  NewCodeFactor,
  NodeAccounts,
  NodeAdmin,
  NodeBats,
  NodeBlocks,
  NodeInbox,
  NodeLinks,
  NodeMessages,
  NodeNames,
  NodePointers,
  NodeSecondFactors,
  NodeSpace,
  ProofOfWork,
  SecondFactorAnswer,
  SignedPointer,
  SignUpRequest,
  StorageNode,
  UnverifiedBlock,
} from './types.ts';
export type {
  SecurityKey,
  SecurityKeyAssertion,
  SecurityKeyRegistration,
  SecurityKeyVerifier,
} from './local/webauthn.ts';
