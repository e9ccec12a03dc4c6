/**
 * Signed pointers (A-6 §3, §4): the only mutable thing there is. A pointer counts only after its
 * signature was checked here and its age by a {@link PointerMemory}.
 */
export {
  createLastingPointerMemory,
  createPointerMemory,
  isNews,
  PointerRolledBack,
} from './memory.ts';
export type { PointerMemory, PointerState } from './memory.ts';
export { rememberBesidePending } from './beside-pending.ts';
export {
  MalformedPointer,
  nextSequence,
  openPointer,
  pointerUpdateFromCbor,
  pointerUpdateToCbor,
  signPointer,
} from './update.ts';
export type { PointerUpdate, Sequence } from './update.ts';
