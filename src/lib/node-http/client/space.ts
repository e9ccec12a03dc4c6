/** Space and quota over HTTP (B-1 §2.7, B-5). */
import { toHex } from '#lib/bytes/index.ts';
import { asInteger } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { NodeSpace } from '#lib/node/index.ts';
import { MalformedAnswer, PATHS } from '#lib/protocol/index.ts';
import { readCbor } from './parse-response.ts';
import type { Transport } from './transport.ts';

export function createHttpSpace(transport: Transport): NodeSpace {
  const ask = async (
    path: string,
    owner: KeyHash,
    parameters: readonly (readonly [string, string])[],
  ): Promise<Uint8Array> => {
    const query = [['owner', owner.toString()] as const, ...parameters];
    return (await transport.call({ path, query })).bytes;
  };
  return {
    usageBytes: async (owner, auth, isExpected = false) => {
      const parameters = [
        ['local', String(isExpected)],
        ['auth', toHex(auth)],
      ] as const;
      return sizeIn('The space in use', await ask(PATHS.usage, owner, parameters));
    },
    quotaBytes: async (owner, auth) =>
      sizeIn('The quota', await ask(PATHS.quota, owner, [['auth', toHex(auth)]])),
    payment: async (owner, auth, wantsClientSecret) => {
      const parameters = [
        ['new-client-secret', String(wantsClientSecret)],
        ['auth', toHex(auth)],
      ] as const;
      const bytes = await ask(PATHS.paymentProperties, owner, parameters);
      return readCbor('The payment properties', bytes, (value) => value);
    },
    request: async (owner, signed) => {
      const bytes = await ask(PATHS.requestSpace, owner, [['req', toHex(signed)]]);
      return readCbor('The payment properties', bytes, (value) => value);
    },
  };
}

/** A number of bytes; one that no number holds exactly is as good as no limit. */
function sizeIn(what: string, bytes: Uint8Array): number {
  return readCbor(what, bytes, (value) => {
    if (typeof value === 'bigint' && value > 0n) return Number.MAX_SAFE_INTEGER;
    const size = asInteger(value, what);
    if (size >= 0) return size;
    throw new MalformedAnswer(`${what} is negative.`);
  });
}
