/**
 * A request to change something, signed by the identity for one path (B-1 §1.2). A node takes each
 * once, and none that was signed before one it took. So it is signed again when this came in the same
 * millisecond as another one, or another device's clock is ahead of this one's.
 */
import { signRequest, type SigningKeyPair } from '#lib/crypto/index.ts';
import { RequestRepeated } from '#lib/protocol/index.ts';
import type { SpaceDeps } from '#lib/writers/index.ts';

const ATTEMPTS = 3;
/** No node takes a time further from its own (B-1 §1.2), and it shall not get one for later. */
const MOST_AHEAD_MS = 300_000;

/** Throws what `send` throws. */
export async function signedChange<T>(
  { clock }: Pick<SpaceDeps, 'clock'>,
  identity: SigningKeyPair,
  path: string,
  send: (auth: Uint8Array) => Promise<T>,
): Promise<T> {
  let timeMs = clock();
  for (let attempt = 1; ; attempt++) {
    try {
      return await send(await signRequest(identity, path, timeMs));
    } catch (error) {
      if (!(error instanceof RequestRepeated) || attempt === ATTEMPTS) throw error;
      timeMs = Math.max(clock(), (error.newestMs ?? timeMs) + 1);
      if (timeMs - clock() > MOST_AHEAD_MS) throw error;
    }
  }
}
