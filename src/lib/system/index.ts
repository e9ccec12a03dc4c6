/**
 * What the programs that run in Node share of the operating system: files that are written whole or
 * not at all, words for what it refuses, and the exit codes that go with them.
 */
export { EXIT } from './exit-codes.ts';
export { codeOf, describeSystemError, systemSentence } from './failures.ts';
export type { SystemFailure } from './failures.ts';
export { ShortWrite, syncFolder, WholeFile, writeAllSync } from './whole-file.ts';
