/**
 * The only entry to cryptography: no other room imports noble, libsodium, hash-wasm or
 * WebCrypto. Importing it does no work; everything runs on the reference until {@link startCrypto}
 * has found faster engines that agree with it.
 */
export { Bat, batIdsOfBlock, BatWithId, rawBlockPrefix, splitRawBlock, toBatId } from './bats.ts';
export type { BatId } from './bats.ts';
export {
  authoriseRequest,
  canonicalRequest,
  mayReadBlock,
  parseBlockAuth,
  signRequestWithBat,
  stringToSign,
} from './block-auth.ts';
export type { BlockAuth, BlockAuthCheck, BlockRequest } from './block-auth.ts';
export { BoxingKeyPair, HYBRID, PublicBoxingKey, SecretBoxingKey } from './boxing-keys.ts';
export type { BoxingKeyType } from './boxing-keys.ts';
export { box, boxPadded, sourcedFromCbor, sourcedToCbor, unbox } from './boxing.ts';
export type { SourcedCipherText } from './boxing.ts';
export { asMapKey, chunkLabelAt, nextChunkLabel, randomMapKey } from './chunk-labels.ts';
export type { MapKey } from './chunk-labels.ts';
export { createDeviceKey, openWithDeviceKey, sealWithDeviceKey } from './device-key.ts';
export type { Engine, EngineLoader } from './engine.ts';
export type { OperationName, Operations, ScryptCost } from './operations.ts';
export {
  BadKey,
  BadOwnerProof,
  BadSignature,
  CannotDecrypt,
  DamagedBlock,
  HarshAlgorithm,
} from './errors.ts';
export {
  blake2b512,
  hashBlock,
  hashBlockNow,
  hmacSha256,
  kdf,
  runningSha256,
  scrypt,
  sha256,
  sha256Now,
  verifyBlock,
} from './hash.ts';
export type { RunningSha256 } from './hash.ts';
export { NoiseHandshake } from './noise.ts';
export type { NoiseOptions } from './noise.ts';
export { codeStartMs, codeStepAt, oneTimeCode } from './one-time-codes.ts';
export { ownerProof, verifyOwnerProof } from './owner-proof.ts';
export type { KeyLookup } from './owner-proof.ts';
export {
  algorithmFromCbor,
  algorithmToCbor,
  requireLoginAlgorithm,
  deriveLogin,
  newLoginAlgorithm,
  stretchPassword,
} from './passwords.ts';
export type { DerivedLogin, GenerationAlgorithm, ScryptAlgorithm } from './passwords.ts';
export { keyOfPeer, peerIdOf, peerKeyBytes, peerKeyFrom } from './peer-key.ts';
export { isWorkDone, solveProofOfWork } from './proof-of-work.ts';
export { systemRandom } from './random.ts';
export { createSecurityKeyVerifier } from './security-keys.ts';
export type { RegisteredKey, RelyingParty } from './security-keys.ts';
export { createSelfSigned } from './self-signed.ts';
export type { SelfSigned } from './self-signed.ts';
export {
  asKeyHash,
  NULL_KEY_HASH,
  openSignerLink,
  PublicSigningKey,
  sign,
  signBlock,
  signDetached,
  Signer,
  signerLink,
  SigningKeyPair,
  signRequest,
  signTime,
  toKeyHash,
  verifyDetached,
  verifySigned,
} from './signing.ts';
export type { KeyHash, SecretHolder } from './signing.ts';
export { startCrypto } from './start.ts';
export type { EngineReport, StartOptions } from './start.ts';
export {
  keyLink,
  NONCE_BYTES,
  open,
  openCbor,
  openKeyLink,
  seal,
  SEAL_OVERHEAD_BYTES,
  sealPieces,
  sealCbor,
  SymmetricKey,
} from './symmetric.ts';
