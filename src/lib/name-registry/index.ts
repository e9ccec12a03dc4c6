/**
 * The registry of all user names as a node keeps it (B-2 §1, §8, §9): mirrored from the registry's
 * node step by step, or held by this very node for a private network. Look-ups are answered from
 * here alone.
 */
export {
  IllegalEntry,
  RegistryForked,
  RegistryIncomplete,
  RegistryRefused,
  RegistryRolledBack,
  RegistryUnknown,
} from './errors.ts';
export {
  compareStates,
  REGISTRY_STATE_HEADER,
  registryStateFromHeader,
  registryStateToHeader,
} from './fork-header.ts';
export type { ToldState } from './fork-header.ts';
export { mirrorStep } from './mirror.ts';
export type { MirrorDeps, MirrorStep, RefusedState } from './mirror.ts';
export { usernameListOf } from './name-list.ts';
export { NameRegistry } from './name-registry.ts';
export type { NameRegistryDeps } from './name-registry.ts';
export { OwnRegistry } from './own-registry.ts';
export type { Decide } from './own-registry.ts';
export { OPERATOR_NAME, ownIdentity } from './own-state.ts';
export type { OwnRegistryDeps } from './own-state.ts';
export type { Refusal, RootRecord } from './records.ts';
export { nodeSource } from './source.ts';
export type { RegistrySource } from './source.ts';
export { shownState } from './state.ts';
