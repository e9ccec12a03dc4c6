/**
 * The engines that tests of accounts run on: those of everybody, but for scrypt, which answers what
 * it computed before for the same input. No account may have cheap parameters, and a test that cuts
 * one act off at every call would wait for the same key a hundred times.
 */
import { toHex } from '#lib/bytes/index.ts';
import { defaultEngines } from '../default-engines.ts';
import type { Operations } from '../operations.ts';
import type { EngineLoader } from '../engine.ts';

export const rememberingEngines: readonly EngineLoader[] = defaultEngines.map(
  (load) => async () => {
    const engine = await load();
    const { scrypt } = engine.operations;
    if (scrypt === undefined) return engine;
    return { ...engine, operations: { ...engine.operations, scrypt: remembered(scrypt) } };
  },
);

function remembered(scrypt: Operations['scrypt']): Operations['scrypt'] {
  const known = new Map<string, Uint8Array>();
  return async (password, salt, cost, signal) => {
    const key = JSON.stringify([toHex(password), toHex(salt), cost]);
    const output = known.get(key) ?? (await scrypt(password, salt, cost, signal));
    known.set(key, output);
    return output.slice();
  };
}
