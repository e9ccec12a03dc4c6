import type { EngineLoader } from './engine.ts';
/** The engines of pages, workers and Node, loaded only when they are used. */

/** Types of a browser's project do not know that there may be none. */
const runtime = globalThis as { readonly process?: { readonly versions?: { node?: string } } };

const sodium: EngineLoader = async () => (await import('./engines/sodium.ts')).sodiumEngine();

/** All that hash-wasm and WebCrypto could do Node does itself. */
const ofNode: readonly EngineLoader[] = [
  async () => (await import('./engines/node.ts')).nodeEngine(),
  sodium,
];

const ofBrowsers: readonly EngineLoader[] = [
  sodium,
  async () => (await import('./engines/hash-wasm.ts')).hashWasmEngine(),
  async () => (await import('./engines/webcrypto.ts')).webCryptoEngine(),
];

export const defaultEngines = runtime.process?.versions?.node === undefined ? ofBrowsers : ofNode;
