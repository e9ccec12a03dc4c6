/** The system's source of secure randomness. */
import type { Random } from '#lib/bytes/index.ts';

/** Most that one call of `getRandomValues` answers. */
const MAX_REQUEST_BYTES = 65_536;

/** Fresh secure random bytes from the system. */
export const systemRandom: Random = (length) => {
  const bytes = new Uint8Array(length);
  for (let offset = 0; offset < length; offset += MAX_REQUEST_BYTES) {
    crypto.getRandomValues(bytes.subarray(offset, offset + MAX_REQUEST_BYTES));
  }
  return bytes;
};
