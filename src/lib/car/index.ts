/** Blocks in a row, each behind its CID: CAR files of version 1, read and written as streams. */
export { MalformedArchive, TruncatedArchive } from './errors.ts';
export { readCar } from './read-car.ts';
export type { CarBlock, CarFile } from './read-car.ts';
export { carHeader, carSection } from './write-car.ts';
