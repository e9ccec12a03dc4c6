/**
 * A key that this browser holds and never shows: AES-256-GCM, not extractable, kept by structured
 * clone. It wraps what stays on the device for staying signed in, so that copying the stored bytes
 * without the browser's own key store gives nothing. No protocol format uses it.
 */
import { concat, type Random } from '#lib/bytes/index.ts';
import { CannotDecrypt } from './errors.ts';

const GCM_NONCE_BYTES = 12;

/** A new wrapping key. It can be stored in IndexedDB, but its bytes can never be read. */
export function createDeviceKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

/** Seals `plain`, bound to `purpose`: nonce, ciphertext and authenticator in one. */
export async function sealWithDeviceKey(
  key: CryptoKey,
  plain: Uint8Array,
  purpose: Uint8Array,
  random: Random,
): Promise<Uint8Array> {
  const nonce = random(GCM_NONCE_BYTES);
  const sealed = await crypto.subtle.encrypt(parameters(nonce, purpose), key, plain.slice());
  return concat(nonce, new Uint8Array(sealed));
}

/** Opens what {@link sealWithDeviceKey} made for the same purpose. Throws {@link CannotDecrypt}. */
export async function openWithDeviceKey(
  key: CryptoKey,
  sealed: Uint8Array,
  purpose: Uint8Array,
): Promise<Uint8Array> {
  const nonce = sealed.slice(0, GCM_NONCE_BYTES);
  const body = sealed.slice(GCM_NONCE_BYTES);
  try {
    return new Uint8Array(await crypto.subtle.decrypt(parameters(nonce, purpose), key, body));
  } catch {
    throw new CannotDecrypt();
  }
}

function parameters(nonce: Uint8Array, purpose: Uint8Array): AesGcmParams {
  return { name: 'AES-GCM', iv: nonce.slice(), additionalData: purpose.slice() };
}
