/** What the browser or Node does itself: SHA-256 of long inputs. Absent outside secure contexts. */
import type { Engine } from '../engine.ts';

export function webCryptoEngine(): Promise<Engine> {
  const { subtle } = globalThis.crypto;
  if (subtle === undefined) return Promise.reject(new Error('WebCrypto needs a secure context'));
  return Promise.resolve({
    name: 'WebCrypto',
    operations: {
      async sha256(data) {
        return new Uint8Array(await subtle.digest('SHA-256', data as Uint8Array<ArrayBuffer>));
      },
    },
  });
}
