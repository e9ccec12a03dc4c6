/**
 * Proof that a key agreed to be owned by another one (A-2 §2, OwnerProof).
 *
 * The parent is the key whose WriterData lists the proof. The proof comes from a block: hostile.
 * That the parent agrees too is shown by its own signed state, not here.
 */
import { asBytes, asMap, cborMap, decodeBlock, encodeCbor, field } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { MalformedCbor } from '#lib/codec/index.ts';
import { BadOwnerProof, BadSignature } from './errors.ts';
import { asKeyHash, PublicSigningKey, sign, verifySigned } from './signing.ts';
import type { KeyHash, Signer, SigningKeyPair } from './signing.ts';

/** Fetches a key that its name does not inline; undefined if there is none. */
export type KeyLookup = (hash: KeyHash) => Promise<PublicSigningKey | undefined>;

/** The proof that `child` belongs to `parent`. */
export async function ownerProof(
  child: SigningKeyPair | Signer,
  parent: KeyHash,
): Promise<CborValue> {
  return cborMap([
    ['o', child.hash],
    ['p', await sign(child, encodeCbor(parent))],
  ]);
}

/**
 * The name of the child, if the proof holds for `parent`; else rejects with {@link BadOwnerProof}.
 * `lookup` is needed only for legacy keys whose name is a hash.
 */
export async function verifyOwnerProof(
  value: CborValue | undefined,
  parent: KeyHash,
  lookup: KeyLookup = () => Promise.resolve(undefined),
): Promise<KeyHash> {
  try {
    const map = asMap(value, 'an owner proof');
    const child = asKeyHash(field(map, 'o', 'an owner proof'), 'the child of an owner proof');
    const signed = asBytes(field(map, 'p', 'an owner proof'), 'the signature of an owner proof');
    const key = PublicSigningKey.fromHash(child) ?? (await lookup(child));
    if (key === undefined) throw new BadOwnerProof('The key of an owner proof cannot be found.');
    const message = decodeBlock(await verifySigned(key, signed));
    if (asKeyHash(message, 'the parent of an owner proof').equals(parent)) return child;
    throw new BadOwnerProof('An owner proof names another owner.');
  } catch (error) {
    if (error instanceof MalformedCbor || error instanceof BadSignature) {
      throw new BadOwnerProof('An owner proof is not valid.', { cause: error });
    }
    throw error;
  }
}
