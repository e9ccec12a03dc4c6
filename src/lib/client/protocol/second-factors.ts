/** Calls about second factors. */
import type {
  SecondFactor,
  SecondFactorProof,
  SecondFactorQuestion,
  SecurityKeyProof,
} from '../types.ts';
import {
  type Parser,
  bytes,
  errorDescription,
  finite,
  flag,
  listOf,
  nothing,
  object,
  oneOf,
  shape,
  text,
} from '#lib/rpc/index.ts';

const secondFactor: Parser<SecondFactor> = object({
  kind: oneOf('totp', 'security-key', 'backup-codes', 'mount'),
  name: text,
  credential: bytes,
  createdDay: finite,
  isEnabled: flag,
});
const typedCode = object({ code: text });
const keyProof: Parser<SecurityKeyProof> = object({
  credential: bytes,
  authenticatorData: bytes,
  clientData: bytes,
  signature: bytes,
});
const proof: Parser<SecondFactorProof> = (value, what) =>
  typeof value === 'object' && value !== null && 'code' in value
    ? typedCode(value, what)
    : keyProof(value, what);
export const question: Parser<SecondFactorQuestion> = object(
  { id: text, factors: listOf(secondFactor), challenge: bytes },
  { refusal: errorDescription },
);

export const secondFactorProtocol = {
  /** To the question of an operation that is under way. */
  answerQuestion: shape([text, proof], nothing),
  secondFactors: shape([], listOf(secondFactor)),
  addAuthenticator: shape([], object({ credential: bytes, secret: text, otpauthUrl: text })),
  confirmAuthenticator: shape([bytes, text], flag),
  generateBackupCodes: shape([], listOf(text)),
  startSecurityKey: shape([], bytes),
  completeSecurityKey: shape([text, keyProof], flag),
  removeSecondFactor: shape([bytes], nothing),
};
