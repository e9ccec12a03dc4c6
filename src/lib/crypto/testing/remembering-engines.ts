/**
 * The engines that tests of accounts and drives run on: those of everybody, but operations that cost
 * much and depend on nothing but their input answer what they computed before for the same input. No
 * account may have cheap parameters, and a test that cuts one operation off at every call would wait for
 * the same key, and for the same signatures, a hundred times.
 */
import { defaultEngines } from '../default-engines.ts';
import type { Operations } from '../operations.ts';
import type { Engine, EngineLoader } from '../engine.ts';

export const rememberingEngines: readonly EngineLoader[] = defaultEngines.map(
  (load) => async () => remembering(await load()),
);

/** What a table holds before it begins anew, so that long runs stay small. */
const MAX_ENTRIES = 100_000;

function remembering({ name, operations }: Engine): Engine {
  const { scrypt, ed25519PublicKey, ed25519Sign, ed25519Verify } = operations;
  return {
    name,
    operations: {
      ...operations,
      ...(scrypt && { scrypt: rememberingScrypt(scrypt) }),
      ...(ed25519PublicKey && { ed25519PublicKey: copied(remembered(ed25519PublicKey)) }),
      ...(ed25519Sign && { ed25519Sign: copied(remembered(ed25519Sign)) }),
      ...(ed25519Verify && { ed25519Verify: remembered(ed25519Verify) }),
    },
  };
}

function rememberingScrypt(scrypt: Operations['scrypt']): Operations['scrypt'] {
  const known = new Map<string, Uint8Array>();
  return async (password, salt, cost, signal) => {
    const key = keyOf([password, salt], JSON.stringify(cost));
    const output = known.get(key) ?? (await scrypt(password, salt, cost, signal));
    known.set(key, output);
    return output.slice();
  };
}

function remembered<T>(compute: (...inputs: Uint8Array[]) => T): (...inputs: Uint8Array[]) => T {
  const known = new Map<string, T>();
  return (...inputs) => {
    const key = keyOf(inputs);
    const before = known.get(key);
    if (before !== undefined) return before;
    const output = compute(...inputs);
    if (known.size >= MAX_ENTRIES) known.clear();
    known.set(key, output);
    return output;
  };
}

/** Remembered values are frozen. */
function copied(compute: (...inputs: Uint8Array[]) => Uint8Array) {
  return (...inputs: Uint8Array[]): Uint8Array => compute(...inputs).slice();
}

/** Different for every list of inputs: their lengths stand before them. */
function keyOf(inputs: readonly Uint8Array[], rest = ''): string {
  const lengths = inputs.map(({ length }) => length).join(' ');
  const texts = inputs.map(({ buffer, byteOffset, length }) =>
    Buffer.from(buffer, byteOffset, length).toString('latin1'),
  );
  return `${lengths}:${texts.join('')}${rest}`;
}
