/**
 * Accounts as files: a CAR of blocks and a description beside it. Reading and writing both, taking
 * an account out of a node and putting one in.
 */
export { readCar } from './car-reader.ts';
export type { CarBlock, CarFile } from './car-reader.ts';
export { carHeader, carSection } from './car-writer.ts';
export { formatDescription, parseDescription } from './description.ts';
export type { DescribedUser, Description } from './description.ts';
export {
  DuplicateBlock,
  IncompleteArchive,
  MalformedArchive,
  MalformedDescription,
  TruncatedArchive,
} from './errors.ts';
export { receiveAccount } from './receive.ts';
export type { Received, ReceiveOptions } from './receive.ts';
