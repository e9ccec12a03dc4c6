/** The interface to the checks of security keys (B-3 §5), which know site and origin. */

/** A registered key: the public part in COSE form, and how often it says to have signed. */
export interface SecurityKey {
  readonly credential: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly counter: number;
}

export interface SecurityKeyRegistration {
  readonly credential: Uint8Array;
  readonly attestationObject: Uint8Array;
  readonly clientDataJson: Uint8Array;
}

export interface SecurityKeyAssertion {
  readonly authenticatorData: Uint8Array;
  readonly clientDataJson: Uint8Array;
  readonly signature: Uint8Array;
}

/** Both answer `undefined` for whatever is not acceptable; everything they get is hostile. */
export interface SecurityKeyVerifier {
  register(
    answer: SecurityKeyRegistration,
    challenge: Uint8Array,
  ): Promise<SecurityKey | undefined>;
  /** The new counter, which never goes back. */
  verify(
    key: SecurityKey,
    answer: SecurityKeyAssertion,
    challenge: Uint8Array,
  ): Promise<number | undefined>;
}
