/**
 * hash-wasm: SHA-256 and BLAKE2b at once, and scrypt, compiled to WebAssembly. One hasher of each
 * kind lives on; calls do not interleave, since each begins and ends within one turn.
 */
import { createBLAKE2b, createSHA256, scrypt } from 'hash-wasm';
import type { Engine } from '../engine.ts';

export async function hashWasmEngine(): Promise<Engine> {
  const [blake2b, sha256] = await Promise.all([createBLAKE2b(512), createSHA256()]);
  return {
    name: 'hash-wasm',
    operations: {
      sha256Now: (data) => sha256.init().update(data).digest('binary'),
      blake2b512: (data) => blake2b.init().update(data).digest('binary'),
      // It runs to its end once begun; `hash.ts` looks at the signal before and after.
      scrypt: (password, salt, { log2N, r, p, length }) =>
        scrypt({
          password,
          salt,
          costFactor: 2 ** log2N,
          blockSize: r,
          parallelism: p,
          hashLength: length,
          outputType: 'binary',
        }),
    },
  };
}
