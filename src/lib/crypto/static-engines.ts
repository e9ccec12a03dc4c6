/**
 * The same engines bundled in, for service workers, where `import()` is forbidden:
 * `startCrypto({ engines: staticEngines })`.
 */
import { hashWasmEngine } from './engines/hash-wasm.ts';
import { sodiumEngine } from './engines/sodium.ts';
import { webCryptoEngine } from './engines/webcrypto.ts';
import type { EngineLoader } from './engine.ts';

export const staticEngines: readonly EngineLoader[] = [
  sodiumEngine,
  hashWasmEngine,
  webCryptoEngine,
];
