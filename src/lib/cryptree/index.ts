/**
 * Cryptree: capabilities, nodes, their properties and content. Knows no paths and
 * no network: it turns verified blocks into opened nodes, and changes into block values to commit.
 */
export {
  capabilityFromCbor,
  capabilityToCbor,
  NULL_CAPABILITY,
  randomLocation,
  readOnly,
} from './capability.ts';
export type { Capability, ChunkLocation } from './capability.ts';
export { capabilityFromLink, capabilityToLink } from './capability-link.ts';
export {
  relativeFromCbor,
  relativeToCbor,
  relativise,
  nextChunkCapability,
  resolveRelative,
} from './relative.ts';
export type { RelativeCapability } from './relative.ts';
export {
  childrenFromCbor,
  childrenToCbor,
  entryPointFromCbor,
  entryPointToCbor,
  isSameEntry,
  locationFromCbor,
  locationToCbor,
  namedCapabilityFromCbor,
  namedCapabilityToCbor,
  namedEntryFromCbor,
  namedEntryToCbor,
  placeOf,
} from './entries.ts';
export type {
  Children,
  ChildToWrite,
  EntryHints,
  EntryPoint,
  Location,
  NamedCapability,
  NamedEntry,
  UnreadableEntry,
} from './entries.ts';
export {
  BadFileName,
  DamagedNode,
  DirtyData,
  MalformedCapability,
  ReadOnlyCapability,
  TooManyChildren,
  TruncatedChunk,
  WrongKey,
  WrongSigner,
} from './errors.ts';
export { checkName, checkStorableName } from './names.ts';
export {
  OVERFLOW_PROPERTIES,
  propertiesFromCbor,
  propertiesToCbor,
  THUMBNAIL_MAX_BYTES,
} from './properties.ts';
export type { FileProperties, Thumbnail, Time } from './properties.ts';
export { fetchChunk, fpctFromCbor, fpctToCbor, loadParts, pieceOf } from './fpct.ts';
export type {
  ChunkParts,
  FetchFragment,
  Fpct,
  FragmentLink,
  LoadFragment,
  UnverifiedChunk,
  UnverifiedFragment,
} from './fpct.ts';
export { fpctOf, openChunk, openValue, sealChunk, sealValue } from './chunk.ts';
export type { SealedChunk, SealedFragment, SealOptions } from './chunk.ts';
export {
  createLocalChunkCipher,
  keyFromWire,
  keyToWire,
  openJobFromWire,
  openJobToWire,
  sealedChunkFromWire,
  sealedChunkToWire,
  sealJobFromWire,
  sealJobToWire,
  transferablesOf,
} from './cipher.ts';
export type {
  ChunkCipher,
  KeyWire,
  OpenJobWire,
  SealedChunkWire,
  SealJob,
  SealJobWire,
} from './cipher.ts';
export {
  canReadContent,
  childEntry,
  children,
  contentKey,
  isDirty,
  LINK_CHAIN_MAX,
  linkTarget,
  mirrorBatIdOf,
  openNode,
  parentLinkTo,
  signerOf,
} from './node.ts';
export type { ChunkRole, NodeParts, OpenNode } from './node.ts';
export {
  buildDirectoryNode,
  buildFileNode,
  withChildren,
  withFileData,
  withParent,
  withProperties,
  withSignerLink,
} from './build.ts';
export type { BuiltNode, NewDirectoryNode, NewFileNode } from './build.ts';
export { chunkCount, chunkLocations, locationAfter, nextLocation } from './chunk-chain.ts';
export {
  HASH_BYTES,
  HASHES_PER_LIST,
  hashBranchFromCbor,
  hashBranchToCbor,
  hashTreeFromCbor,
  hashTreeToCbor,
} from './hash-branch.ts';
export type { HashBranch, HashTree } from './hash-branch.ts';
export {
  branchFor,
  chunkHashesOf,
  CHUNKS_PER_BRANCH,
  hashTreeFromBranches,
  hashTreeOf,
} from './hash-tree.ts';
export { MIME_PREFIX_BYTES, mimeTypeOf } from './mime-type.ts';
export { rotateSubtree } from './rotate.ts';
export type { Rotation, RotationOptions, RotationSpaces, RotationTarget } from './rotation.ts';
