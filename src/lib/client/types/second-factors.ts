/** Second factors of an account. */
import type { ErrorDescription } from '#lib/rpc/index.ts';

export interface SecondFactor {
  readonly kind: 'totp' | 'security-key' | 'backup-codes' | 'mount';
  /** What its owner called it; of backup codes, how many are left. */
  readonly name: string;
  readonly credential: Uint8Array;
  readonly createdDay: number; // days since 1970
  readonly isEnabled: boolean;
}

export interface SecurityKeyProof {
  readonly credential: Uint8Array;
  readonly authenticatorData: Uint8Array; // at registration the attestation object
  readonly clientData: Uint8Array;
  readonly signature: Uint8Array;
}

/** What was typed (of an authenticator app, or a backup code), or what a security key answered. */
export type SecondFactorProof = { readonly code: string } | SecurityKeyProof;

/** A server requires one of these factors to continue an operation. */
export interface SecondFactorQuestion {
  readonly id: string;
  readonly factors: readonly SecondFactor[];
  /** What a security key signs. */
  readonly challenge: Uint8Array;
  /** Why the answer before was not taken. */
  readonly refusal?: ErrorDescription;
}

/** An operation that may meet a second factor; asked again while answers are refused. */
export interface Asking {
  /** A rejection cancels the operation, and so does its absence where a second factor is asked for. */
  readonly prove?: (question: SecondFactorQuestion) => Promise<SecondFactorProof>;
  readonly signal?: AbortSignal | undefined;
}

/** Second factors of an account on a server. */
export interface SecondFactorCalls {
  secondFactors(): Promise<readonly SecondFactor[]>;
  addAuthenticator(): Promise<{ credential: Uint8Array; secret: string; otpauthUrl: string }>;
  confirmAuthenticator(credential: Uint8Array, code: string): Promise<boolean>; // false: wrong code
  generateBackupCodes(): Promise<readonly string[]>;
  startSecurityKey(): Promise<Uint8Array>; // the challenge
  completeSecurityKey(name: string, proof: SecurityKeyProof): Promise<boolean>;
  removeSecondFactor(credential: Uint8Array): Promise<void>;
}
