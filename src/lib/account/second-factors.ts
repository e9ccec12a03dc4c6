/**
 * Managing the second factors of an account (B-3 §5): an authenticator app, security keys, backup
 * codes. They are kept by the home node, not in the drive, and do not move with the account.
 */
import { toBase32 } from '#lib/bytes/index.ts';
import { asBytes, asList, asMap, asText, field } from '#lib/codec/index.ts';
import { signRequest } from '#lib/crypto/index.ts';
import { keyProofToCbor, secondFactorsFromCbor } from './second-factor.ts';
import type { SecondFactor, SecurityKeyProof } from './second-factor.ts';
import type { AccountDeps, Session } from './session.ts';

const LOGIN_PATH = 'peergos/v0/login';

/** An authenticator app's secret, to be shown once. */
export interface NewAuthenticator {
  readonly credential: Uint8Array;
  /** Base32 without padding, to be typed by hand. */
  readonly secret: string;
  /** What the QR code says. */
  readonly otpauthUrl: string;
}

export interface BackupCodes {
  readonly credential: Uint8Array;
  /** Ten codes of ten characters. */
  readonly codes: readonly string[];
}

/** The second factors of the person signed in. Each call is signed by the identity. */
export class SecondFactors {
  readonly #deps: AccountDeps;
  readonly #session: Session;

  constructor(deps: AccountDeps, session: Session) {
    this.#deps = deps;
    this.#session = session;
  }

  async list(): Promise<SecondFactor[]> {
    const auth = await this.#authorise('listMfa');
    return secondFactorsFromCbor(await this.#node.list(this.#username, auth));
  }

  /** Begins with an authenticator app; it counts once {@link confirmAuthenticator} was told a code. */
  async addAuthenticator(): Promise<NewAuthenticator> {
    const added = await this.#node.addTotp(this.#username, await this.#authorise('addTotp'));
    const secret = toBase32(added.secret);
    return {
      credential: added.credential,
      secret,
      otpauthUrl: `otpauth://totp/peergos:${this.#username}@peergos?secret=${secret}&issuer=peergos`,
    };
  }

  /** `false`: the code is wrong. Replaces any authenticator app there was before. */
  async confirmAuthenticator(credential: Uint8Array, code: string): Promise<boolean> {
    const auth = await this.#authorise('enableTotp');
    return this.#node.enableTotp(this.#username, credential, code.replace(/\s/gu, ''), auth);
  }

  /** A fresh set; the one before is no longer good. Needs an authenticator app or a security key. */
  async generateBackupCodes(): Promise<BackupCodes> {
    const auth = await this.#authorise('genBackupCodes');
    const what = 'the backup codes';
    const map = asMap(await this.#node.generateBackupCodes(this.#username, auth), what);
    return {
      credential: asBytes(field(map, 'i', what), 'their credential id'),
      codes: asList(field(map, 'c', what), what).map((code) => asText(code, 'a backup code')),
    };
  }

  /** The challenge for `navigator.credentials.create`. */
  async startSecurityKey(): Promise<Uint8Array> {
    const auth = await this.#authorise('registerWebauthnStart');
    return this.#node.startSecurityKey(this.#username, auth);
  }

  async completeSecurityKey(name: string, proof: SecurityKeyProof): Promise<boolean> {
    const auth = await this.#authorise('registerWebauthnComplete');
    const answer = { response: keyProofToCbor(proof) };
    return this.#node.completeSecurityKey(this.#username, name, answer, auth);
  }

  async remove(credential: Uint8Array): Promise<void> {
    await this.#node.remove(this.#username, credential, await this.#authorise('deleteMfa'));
  }

  get #node() {
    return this.#deps.node.secondFactors;
  }

  get #username(): string {
    return this.#session.username;
  }

  #authorise(method: string): Promise<Uint8Array> {
    return signRequest(this.#session.identity, `${LOGIN_PATH}/${method}`, this.#deps.clock());
  }
}
