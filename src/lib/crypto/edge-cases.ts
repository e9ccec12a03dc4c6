/**
 * Inputs on which correct-looking engines differ; all of them public values.
 *
 * The signatures were made with a key or an R that has a part of small order added. An engine that
 * multiplies by the cofactor accepts all four; the rule of `ed25519.ts` accepts two.
 */
import { fromHex } from '#lib/bytes/index.ts';

const MIXED_KEY = 'e996f4ea4724575852e3dbf6b5669f0accf709b66472198bfa14e6f030f43553';
const PLAIN_KEY = '66be7e332c7a453332bd9d0a7f7db055f5c5ef1a06ada66d98b39fb6810c473a';

export const COFACTOR_CASES = [
  signatureCase(
    false,
    MIXED_KEY,
    '00',
    'ef4f62f8479733ad879cfaced3c89a9c39dd4fc795ef2efa1c3eafe4d729a081' +
      '60e0a9762d12853e739e538111dae47731c88eed65436e5fabc003ccf80d1806',
  ),
  // The challenge is a multiple of eight, so the part of small order falls out of the equation.
  signatureCase(
    true,
    MIXED_KEY,
    '03',
    '463997a82970b3fdd90b763557db637e22a33cb45e5b145666e5f92c38bfe4cf' +
      'a6d7d82403154fac3518bb52c4a7119df1c44c7239fd67b7b168356cb2044801',
  ),
  signatureCase(
    false,
    PLAIN_KEY,
    'c8',
    '37156422280c0dcab41e93fdf9b1a740fc984b3cd62c56a44bf59943120d20fb' +
      '398f957e973c8c874ec0d54b8205aa526da19939c10e51f7becfffcc4bc72c06',
  ),
  // The parts of small order of key and R cancel each other.
  signatureCase(
    true,
    MIXED_KEY,
    '070007',
    'c5a9ac93b5111487642b38fc5aba78d7f56eb381846fab0bd225bfed1c96d7d3' +
      '4ea22a375a6e6b06beb2dd082fbf0b0df0e7ef1bc5537ccee1ff687d21f5ad0f',
  ),
];

/** X25519 public keys that lead to the same result for every secret: 0, 1, order 8, −1, p, p + 1. */
export const LOW_ORDER_U = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map(fromHex);

function signatureCase(valid: boolean, publicKey: string, message: string, signature: string) {
  return {
    valid,
    publicKey: fromHex(publicKey),
    message: fromHex(message),
    signature: fromHex(signature),
  };
}
