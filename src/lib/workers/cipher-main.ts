/** A cipher worker: seals, opens and hashes chunks for the engine. Holds no state. */
import { startCrypto } from '#lib/crypto/index.ts';
import type { Wire } from '#lib/rpc/index.ts';
import { serveCipher } from './cipher-protocol.ts';

/** Answers the calls of the engine that started this worker. */
export function runCipher(wire: Wire): void {
  serveCipher(wire, startCrypto());
}
