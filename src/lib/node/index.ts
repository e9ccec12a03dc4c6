/** The storage node as an interface (B-1, B-2, B-3, B-6, A-10), and what can be reached from a block. */

export { reachableBlocks } from './reachable.ts';
export type { LoadReached, ReachedBlock } from './reachable.ts';
export type {
  AnnouncedBlock,
  BlockStoreProperties,
  ChampKey,
  DirectRequest,
  MigrationExtras,
  MigrationPhase,
  MigrationRequest,
  MigrationStep,
  MirrorRequest,
  MirrorStatus,
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
  PointerQuestion,
  ProofOfWork,
  SecondFactorAnswer,
  SignedPointer,
  SignUpRequest,
  StorageNode,
  TaggedNames,
  UsernameList,
} from './types.ts';
export { LookedUpBlock, type UnverifiedBlock } from './unverified-block.ts';
