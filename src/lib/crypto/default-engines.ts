/** Engines as pages, workers and Node load them: when asked for, so that nobody else pays. */
import type { EngineLoader } from './start.ts';

/** Types of a browser's project do not know that there may be none. */
const runtime = globalThis as { readonly process?: { readonly versions?: { node?: string } } };

const ofNode: readonly EngineLoader[] =
  runtime.process?.versions?.node === undefined
    ? []
    : [async () => (await import('./engines/node.ts')).nodeEngine()];

export const defaultEngines: readonly EngineLoader[] = [
  ...ofNode,
  async () => (await import('./engines/sodium.ts')).sodiumEngine(),
  async () => (await import('./engines/hash-wasm.ts')).hashWasmEngine(),
  async () => (await import('./engines/webcrypto.ts')).webCryptoEngine(),
];
