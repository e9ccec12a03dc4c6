/** What a typed code proves (B-3 §5). */
import type { SecondFactor, SecondFactorProof } from '#lib/client/index.ts';

/** Six digits are of an authenticator app, anything else is a backup code. */
export function codeProof(factors: readonly SecondFactor[], typed: string): SecondFactorProof {
  const code = typed.toLowerCase().replaceAll(/[^a-z0-9]/gu, '');
  const totp = factors.find(({ kind }) => kind === 'totp');
  const backup = factors.find(({ kind }) => kind === 'backup-codes');
  const factor = /^\d{6}$/u.test(code) ? (totp ?? backup) : (backup ?? totp);
  return { credential: factor?.credential ?? new Uint8Array(), code };
}
