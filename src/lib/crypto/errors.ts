/** What can go wrong in this room. No message holds a key, a plaintext or a password. */
import { PyrgosError } from '#lib/bytes/index.ts';

/** A sealed text was altered, or another key was used. Nothing of it is answered. */
export class CannotDecrypt extends PyrgosError {
  override readonly name: string = 'CannotDecrypt';
  override readonly kind = 'damaged';
  constructor(message = 'This cannot be decrypted: it was damaged, or the key is another one.') {
    super(message);
  }
}

/** A signature does not belong to the message and key. */
export class BadSignature extends PyrgosError {
  override readonly name: string = 'BadSignature';
  override readonly kind = 'damaged';
  constructor(message = 'A signature is not valid.') {
    super(message);
  }
}

/** The bytes of a block are not those its name promises. */
export class DamagedBlock extends PyrgosError {
  override readonly name: string = 'DamagedBlock';
  override readonly kind = 'damaged';
}

/** A proof does not show that a key agreed to belong to another one. */
export class BadOwnerProof extends PyrgosError {
  override readonly name: string = 'BadOwnerProof';
  override readonly kind = 'damaged';
}

/** A key has the right shape but must not be used: of low order, or not a key at all. */
export class BadKey extends PyrgosError {
  override readonly name: string = 'BadKey';
  override readonly kind = 'damaged';
}

/** The published way from password to keys is weaker or dearer than this client goes along with. */
export class HarshAlgorithm extends PyrgosError {
  override readonly name: string = 'HarshAlgorithm';
  override readonly kind = 'refused';
}
