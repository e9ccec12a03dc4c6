/** The wire formats (parts A and B of the protocol): one type, one parser and one writer each. */
export {
  checkBats,
  checkBlock,
  checkBlockAccess,
  checkDetached,
  checkSignedRequest,
  checkSignedTime,
  LOGIN_WINDOW_MS,
  openSigned,
  openSignedBy,
  openSignedRequest,
  openSignedTime,
  REQUEST_WINDOW_MS,
} from './authorisation.ts';
export type { BlockFormat, BlockToWrite, CheckedBlock, Signatory } from './authorisation.ts';
export {
  claimChainFromCbor,
  claimChainToCbor,
  claimLinkFromCbor,
  claimLinkToCbor,
  createClaimLink,
  mergeClaimChains,
  NEVER_EXPIRES,
  openClaimChain,
  verifyClaimChain,
} from './claims.ts';
export type { UserPublicKeyLink } from './claims.ts';
export {
  IPNS_RECORD_MAX_BYTES,
  ipnsKeyOf,
  ipnsRecordFromJson,
  ipnsRecordFromProtobuf,
  IpnsRecordExpired,
  ipnsRecordToJson,
  ipnsRecordToProtobuf,
  MalformedIpnsRecord,
  newestIpnsRecord,
  openIpnsRecord,
  peerOfIpnsKey,
} from './ipns-record.ts';
export type { SignedIpnsRecord } from './ipns-record.ts';
export { linkStateFrom, linkStateToFragment } from './link-state.ts';
export {
  LOGIN_DATA_MAX_BYTES,
  loginDataFromCbor,
  loginDataToCbor,
  loginRecordFromBytes,
  loginRecordToBytes,
} from './login-data.ts';
export type { LoginData, LoginRecord, StateChange } from './login-data.ts';
export {
  EndlessSuccession,
  followSuccession,
  knownSuccessor,
  NODE_RECORD_RENEWED_MS,
  NodeRecordOutdated,
  openNodeRecord,
  requireNotOutdated,
  signNodeRecord,
  successorIn,
} from './node-record.ts';
export type { NodeRecord } from './node-record.ts';
export {
  isForkProved,
  NODE_REPORT_MAX_BYTES,
  nodeReportFromBytes,
  nodeReportToBytes,
  registryForkFromCbor,
  registryForkToCbor,
  REPORTED_FORKS_MAX,
} from './node-report.ts';
export type { NodeReport, RegistryFork, RegistryReport } from './node-report.ts';
export { OP_LOG_MAX_BYTES, opLogFromBytes } from './op-log.ts';
export type { Operation, OpLog } from './op-log.ts';
export { BATS_ADD_PATH, BATS_LIST_PATH, MIRROR_END_PATH, MIRROR_PATH, PATHS } from './paths.ts';
export {
  checkSuccession,
  MalformedPointer,
  openPointer,
  openPointerUpdate,
  parsePointerUpdate,
  pointerStateOf,
  pointerUpdateFromCbor,
  pointerUpdateToCbor,
  signPointer,
} from './pointer.ts';
export type { PointerState, PointerUpdate } from './pointer.ts';
export {
  inodeToCbor,
  PUBLIC_LIST_MAX,
  PUBLIC_PATH_MAX,
  PUBLIC_ROOT,
  publicDataFromCbor,
  publicDataToCbor,
  publicDirectoryFromCbor,
  publicDirectoryToCbor,
  publishedEntryFromCbor,
  publishedEntryToCbor,
} from './public-data.ts';
export type { Inode, PublicData, PublicDirectory, PublishedEntry } from './public-data.ts';
export {
  BadClaimChain,
  BadName,
  BlockTooBig,
  ChampRootMissing,
  CollectionStopped,
  HomeServerAway,
  isAway,
  isNodeFailure,
  LinkRefused,
  MalformedAnswer,
  MalformedRequest,
  NameTaken,
  NodeUnreachable,
  NotOffered,
  parseRequest,
  PointerConflict,
  PointerRefused,
  QuotaExceeded,
  RateLimited,
  refusalOfUpdate,
  RequestRepeated,
  SecondFactorRefused,
  SignUpClosed,
  StaleClock,
  Unauthorised,
  UnknownUser,
  UnknownWriter,
  WorkRequired,
  WrongHost,
  WrongPassword,
  WrongSignature,
} from './refusals.ts';
export type { RefusedUpdate } from './refusals.ts';
export {
  askingForUnderstood,
  backupCodesFromCbor,
  backupCodesToCbor,
  challengeFromCbor,
  challengeToCbor,
  loginResponseFromCbor,
  loginResponseToCbor,
  proofToCbor,
  registrationFromCbor,
  respondingCredential,
  secondFactorFields,
  secondFactorFromCbor,
  secondFactorResponseFromCbor,
  secondFactorResponseToCbor,
  secondFactorsFromCbor,
  secondFactorToCbor,
  takesCode,
} from './second-factor.ts';
export type {
  BackupCodes,
  LoginResponse,
  SecondFactor,
  SecondFactorChallenge,
  SecondFactorKind,
  SecondFactorProof,
  SecondFactorResponse,
  SecurityKeyProof,
} from './second-factor.ts';
export {
  LINK_LABEL_MAX,
  LINK_LABEL_MIN,
  secretLinkTargetFromCbor,
  secretLinkTargetToCbor,
} from './secret-link-target.ts';
export type { SecretLinkTarget } from './secret-link-target.ts';
export { nextSequence } from './sequence.ts';
export type { Sequence } from './sequence.ts';
export { isValidUsername } from './username.ts';
export { MalformedWriterData, readWriterData, WriterData } from './writer-data.ts';
export type { WriterDataFields } from './writer-data.ts';
export {
  blockWriteToCbor,
  pointerWriteToCbor,
  signBlockWrite,
  signPointerWrite,
} from './writes.ts';
