/** hash-wasm: BLAKE2b and scrypt compiled to WebAssembly. */
import { createBLAKE2b, scrypt } from 'hash-wasm';
import type { Engine } from '../engine.ts';

export async function hashWasmEngine(): Promise<Engine> {
  const blake2b = await createBLAKE2b(512);
  return {
    name: 'hash-wasm',
    operations: {
      blake2b512: (data) => blake2b.init().update(data).digest('binary').slice(),
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
