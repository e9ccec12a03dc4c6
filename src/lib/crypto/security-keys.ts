/**
 * Checking security keys and passkeys: WebAuthn Level 2 §7.1 and §7.2 with what B-3 §5 wants of it.
 * Presence of a person is required, verification of who it is not; the attestation of the maker is
 * not looked at. Everything that comes from a browser is hostile.
 */
import { concat, equalBytes, fromUtf8, PyrgosError, utf8 } from '#lib/bytes/index.ts';
import { MalformedCbor } from '#lib/codec/index.ts';
import { base64url, parseCoseKey } from './cose-keys.ts';
import { decodeCtap } from './ctap-cbor.ts';
import { sha256Now } from './hash.ts';

const RP_ID_HASH_BYTES = 32;
const FLAGS_AT = 32;
const COUNTER_AT = 33;
const HEADER_BYTES = 37;
const AAGUID_BYTES = 16;
const CREDENTIAL_MAX_BYTES = 1023;
const FLAG = { userPresent: 0x01, attestedCredential: 0x40 } as const;

/** The site that keys are for. */
export interface RelyingParty {
  /** The domain without port, or `localhost`. */
  readonly id: string;
  /** Where the page may come from: `https://<domain>`, or with http for loopback. */
  readonly origins: readonly string[];
}

export interface RegisteredKey {
  readonly credential: Uint8Array;
  /** COSE key. */
  readonly publicKey: Uint8Array;
  /** How often it says to have signed. */
  readonly counter: number;
}

interface Registration {
  readonly credential: Uint8Array;
  readonly attestationObject: Uint8Array;
  readonly clientDataJson: Uint8Array;
}

interface Assertion {
  readonly authenticatorData: Uint8Array;
  readonly clientDataJson: Uint8Array;
  readonly signature: Uint8Array;
}

/** Both checks answer `undefined` for whatever is not acceptable. */
export function createSecurityKeyVerifier(site: RelyingParty) {
  return {
    /** The key that a registration made. */
    register: (answer: Registration, challenge: Uint8Array): Promise<RegisteredKey | undefined> =>
      acceptable(async () => {
        checkClientData(site, answer.clientDataJson, 'webauthn.create', challenge);
        const data = authenticatorDataOf(answer.attestationObject);
        const counter = checkAuthenticatorData(site, data);
        const { credential, publicKey } = attestedCredential(data);
        if (!equalBytes(credential, answer.credential)) return undefined;
        return { credential, publicKey, counter };
      }),
    /** The new counter of a key that signed the challenge. */
    verify: (
      key: RegisteredKey,
      answer: Assertion,
      challenge: Uint8Array,
    ): Promise<number | undefined> =>
      acceptable(async () => {
        const { authenticatorData, clientDataJson, signature } = answer;
        checkClientData(site, clientDataJson, 'webauthn.get', challenge);
        const counter = checkAuthenticatorData(site, authenticatorData);
        const message = concat(authenticatorData, sha256Now(clientDataJson));
        if (!(await parseCoseKey(key.publicKey).key(message, signature))) return undefined;
        return isAhead(counter, key.counter) ? counter : undefined;
      }),
  };
}

/** A key that does not count says zero always; any other has to go up, or there are two of it. */
function isAhead(counter: number, before: number): boolean {
  return counter > before || (counter === 0 && before === 0);
}

async function acceptable<T>(check: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof PyrgosError) return undefined;
    throw error;
  }
}

/** CollectedClientData: for this challenge, made by a page of this site. */
function checkClientData(
  { origins }: RelyingParty,
  json: Uint8Array,
  type: string,
  challenge: Uint8Array,
): void {
  const data = parseJson(json);
  const isRight =
    data.get('type') === type &&
    data.get('challenge') === base64url(challenge) &&
    origins.includes(String(data.get('origin'))) &&
    data.get('crossOrigin') !== true;
  if (!isRight) throw new MalformedCbor('A security key answered something else.');
}

function parseJson(bytes: Uint8Array): ReadonlyMap<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(fromUtf8(bytes));
  } catch (error) {
    throw new MalformedCbor('The client data of a security key cannot be read.', { cause: error });
  }
  if (typeof value !== 'object' || value === null) {
    throw new MalformedCbor('The client data of a security key are no object.');
  }
  return new Map(Object.entries(value));
}

/** Answers the counter. */
function checkAuthenticatorData({ id }: RelyingParty, data: Uint8Array): number {
  if (data.length < HEADER_BYTES) throw new MalformedCbor('Authenticator data are too short.');
  if (!equalBytes(data.subarray(0, RP_ID_HASH_BYTES), sha256Now(utf8(id)))) {
    throw new MalformedCbor('A security key is of another site.');
  }
  if (((data[FLAGS_AT] ?? 0) & FLAG.userPresent) === 0) {
    throw new MalformedCbor('Nobody was present at the security key.');
  }
  return new DataView(data.buffer, data.byteOffset).getUint32(COUNTER_AT);
}

function authenticatorDataOf(attestationObject: Uint8Array): Uint8Array {
  const { value } = decodeCtap(attestationObject);
  const data = value instanceof Map ? (value.get('authData') as unknown) : undefined;
  if (data instanceof Uint8Array) return data;
  throw new MalformedCbor('An attestation has no authenticator data.');
}

/** What a registration adds: id and public key, the latter of a kind that can be checked later. */
function attestedCredential(data: Uint8Array): { credential: Uint8Array; publicKey: Uint8Array } {
  const lengthAt = HEADER_BYTES + AAGUID_BYTES;
  const idAt = lengthAt + 2;
  if (((data[FLAGS_AT] ?? 0) & FLAG.attestedCredential) === 0 || data.length < idAt) {
    throw new MalformedCbor('A registration has no credential.');
  }
  const length = new DataView(data.buffer, data.byteOffset).getUint16(lengthAt);
  const end = idAt + length;
  if (length === 0 || length > CREDENTIAL_MAX_BYTES || data.length < end) {
    throw new MalformedCbor('The id of a credential has the wrong length.');
  }
  const rest = data.subarray(end);
  const publicKey = rest.slice(0, parseCoseKey(rest).length);
  return { credential: data.slice(idAt, end), publicKey };
}
