/**
 * What other shells may use of the workers: borrowing a cipher worker of a page, and the pool with
 * the work its threads do, for a realm that starts threads of its own.
 */
export { BorrowedCipher } from './borrowed-cipher.ts';
export { serveCipher } from './cipher-protocol.ts';
export { createCipherPool } from './cipher-pool.ts';
export type { CipherPool, CipherWorker } from './cipher-pool.ts';
