/**
 * Security keys and passkeys (WebAuthn, B-3 §5). The browser binds them to the host of the page, so
 * they work only where the app is served by the node itself.
 */
import type { SecondFactor, SecurityKeyProof } from '#lib/client/index.ts';

const TIMEOUT_MS = 60_000;
/** Ed25519, P-256, RSA. */
const ALGORITHMS = [-8, -7, -257];

/** Whether this page can use keys registered at a server. */
export function canUseSecurityKeys(server: string | undefined): boolean {
  return (
    server === location.origin && 'credentials' in navigator && 'PublicKeyCredential' in window
  );
}

/** Asks for a touch; undefined when the person called it off. */
export async function proveWithKey(
  factors: readonly SecondFactor[],
  challenge: Uint8Array,
): Promise<SecurityKeyProof | undefined> {
  const keys = factors.filter(({ kind }) => kind === 'security-key');
  const found = await navigator.credentials.get({
    publicKey: {
      challenge: challenge.slice(),
      allowCredentials: keys.map(({ credential }) => ({
        type: 'public-key',
        id: credential.slice(),
      })),
      timeout: TIMEOUT_MS,
      userVerification: 'preferred',
    },
  });
  if (!(found instanceof PublicKeyCredential)) return undefined;
  const response = found.response as AuthenticatorAssertionResponse;
  return {
    credential: new Uint8Array(found.rawId),
    authenticatorData: new Uint8Array(response.authenticatorData),
    clientData: new Uint8Array(response.clientDataJSON),
    signature: new Uint8Array(response.signature),
  };
}

/** Makes a key for an account; undefined when the person called it off. */
export async function createKey(
  username: string,
  challenge: Uint8Array,
): Promise<SecurityKeyProof | undefined> {
  const made = await navigator.credentials.create({
    publicKey: {
      challenge: challenge.slice(),
      rp: { name: 'Peergos' },
      user: {
        id: new TextEncoder().encode(username),
        name: username,
        displayName: username,
      },
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
      timeout: TIMEOUT_MS,
    },
  });
  if (!(made instanceof PublicKeyCredential)) return undefined;
  const response = made.response as AuthenticatorAttestationResponse;
  return {
    credential: new Uint8Array(made.rawId),
    authenticatorData: new Uint8Array(response.attestationObject),
    clientData: new Uint8Array(response.clientDataJSON),
    signature: new Uint8Array(),
  };
}
