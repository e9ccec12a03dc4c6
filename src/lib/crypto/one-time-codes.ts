/**
 * The six digits of an authenticator app (RFC 6238: HMAC-SHA-1, 30 seconds, T0 = 0; B-3 §5).
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { u64be } from '#lib/bytes/index.ts';

const STEP_SECONDS = 30;

/** Number of the step that a moment lies in. */
export function codeStepAt(nowMs: number): number {
  return Math.floor(nowMs / 1000 / STEP_SECONDS);
}

/** When a step begins. */
export function codeStartMs(step: number): number {
  return step * STEP_SECONDS * 1000;
}

/** The code of one step, with its leading zeros. RFC 4226 §5.3. */
export function oneTimeCode(secret: Uint8Array, step: number, digits = 6): string {
  const mac = hmac(sha1, secret, u64be(step));
  const at = (mac[19] ?? 0) & 0xf;
  const number = new DataView(mac.buffer, mac.byteOffset).getUint32(at) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}
