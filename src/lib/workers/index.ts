/**
 * What other shells may use of the workers: the remote cipher of a service worker, and the pool with
 * the work its threads do, for a realm that starts threads of its own.
 */
export { RemoteCipher } from './remote-cipher.ts';
export { RemotePeers } from './remote-peers.ts';
export { serveCipher } from './cipher-protocol.ts';
export { createCipherPool } from './cipher-pool.ts';
export type { CipherPool, CipherWorker } from './cipher-pool.ts';
