/** Engines as pages, workers and Node load them: when asked for, so that nobody else pays. */
import type { EngineLoader } from './start.ts';

export const defaultEngines: readonly EngineLoader[] = [
  async () => (await import('./engines/sodium.ts')).sodiumEngine(),
  async () => (await import('./engines/hash-wasm.ts')).hashWasmEngine(),
  async () => (await import('./engines/webcrypto.ts')).webCryptoEngine(),
];
