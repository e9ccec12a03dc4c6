/**
 * The merkle map: an immutable map from byte strings to CBOR values, one block a node.
 * Its shape is a pure function of its pairs. Knows nothing of what a value means.
 */
export {
  ChampConflict,
  ChampShrunk,
  ChampTooDeep,
  ConcurrentChange,
  MalformedChamp,
} from './errors.ts';
export { followGrowth } from './growth.ts';
export type { ChampPath, Growth, GrownEntry } from './growth.ts';
export { ownedKeyChampKey, placeOf, secretLinkChampKey } from './keys.ts';
export type { KeyPlace } from './keys.ts';
export type { ChampPair } from './node.ts';
export { EMPTY_CHAMP_BLOCK, EMPTY_CHAMP_CID } from './node.ts';
export { loadWithin, lookUpInNode, storedPairs, walkToKey } from './stored.ts';
export type { LoadStored, ReadLimits } from './stored.ts';
export { ChampTree } from './tree.ts';
export type { ChampOptions, LoadBlock, SaveBlock } from './tree.ts';
export { champDiff, champMerge, champPairs } from './walk.ts';
export type { ChampChange } from './walk.ts';
