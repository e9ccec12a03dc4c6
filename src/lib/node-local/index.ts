/**
 * A storage node on stores of its own: a browser's, or a server's. Knows blocks, signed pointers, names
 * and login records; can decrypt none of it.
 */
export type { DirectTransfer, FetchBlock, LocalNodeDeps, NameAuthority } from './context.ts';
export {
  abandonAccount,
  AccountDamaged,
  examineAccount,
  storeForAccount,
} from './import-account.ts';
export { placeAccount } from './place-account.ts';
export { createLocalNode } from './local-node.ts';
export type { LocalNode } from './local-node.ts';
export { nodeKeySeed } from './node-id.ts';
export { rotateNodeId } from './node-records.ts';
export { removeMovedAccount } from './remove-account.ts';
export { findDamage } from './verify-store.ts';
