/**
 * Node's own SHA-256: native, with the processor's instructions for it, at once and without the copy
 * that WebCrypto makes of its input. Loaded under Node alone.
 */
import type { Engine } from '../engine.ts';

export function nodeEngine(): Promise<Engine> {
  const native = process.getBuiltinModule('node:crypto');
  const sha256 = (data: Uint8Array): Uint8Array => {
    const { buffer, byteOffset, length } = native.hash('sha256', data, 'buffer');
    return new Uint8Array(buffer, byteOffset, length);
  };
  return Promise.resolve({
    name: 'Node',
    operations: { sha256Now: sha256, sha256: (data) => Promise.resolve(sha256(data)) },
  });
}
