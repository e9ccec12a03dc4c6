/**
 * Managing the second factors of an account (B-3 §5): an authenticator app, security keys, backup
 * codes. They are kept by the home node, not in the drive, and do not move with the account.
 */
import { toBase32 } from '#lib/bytes/index.ts';
import { signRequest } from '#lib/crypto/index.ts';
import {
  backupCodesFromCbor,
  secondFactorResponseToCbor,
  secondFactorsFromCbor,
} from '#lib/protocol/index.ts';
import type { BackupCodes, SecondFactor, SecurityKeyProof } from '#lib/protocol/index.ts';
import { signedChange } from './signed-change.ts';
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

/** The second factors of the person signed in. Each call is signed by the identity. */
export class SecondFactors {
  readonly #deps: AccountDeps;
  readonly #session: Session;

  constructor(deps: AccountDeps, session: Session) {
    this.#deps = deps;
    this.#session = session;
  }

  async list(): Promise<SecondFactor[]> {
    const { identity } = this.#session;
    const auth = await signRequest(identity, `${LOGIN_PATH}/listMfa`, this.#deps.clock());
    return secondFactorsFromCbor(await this.#node.list(this.#username, auth));
  }

  /** Begins with an authenticator app; it counts once {@link confirmAuthenticator} was told a code. */
  async addAuthenticator(): Promise<NewAuthenticator> {
    const added = await this.#change('addTotp', (auth) => this.#node.addTotp(this.#username, auth));
    const secret = toBase32(added.secret);
    return {
      credential: added.credential,
      secret,
      otpauthUrl: `otpauth://totp/peergos:${this.#username}@peergos?secret=${secret}&issuer=peergos`,
    };
  }

  /** `false`: the code is wrong. Replaces any authenticator app there was before. */
  async confirmAuthenticator(credential: Uint8Array, code: string): Promise<boolean> {
    const digits = code.replace(/\s/gu, '');
    return this.#change('enableTotp', (auth) =>
      this.#node.enableTotp(this.#username, credential, digits, auth),
    );
  }

  /** A fresh set; the one before is no longer good. Needs an authenticator app or a security key. */
  async generateBackupCodes(): Promise<BackupCodes> {
    const generated = await this.#change('genBackupCodes', (auth) =>
      this.#node.generateBackupCodes(this.#username, auth),
    );
    return backupCodesFromCbor(generated);
  }

  /** The challenge for `navigator.credentials.create`. */
  async startSecurityKey(): Promise<Uint8Array> {
    return this.#change('registerWebauthnStart', (auth) =>
      this.#node.startSecurityKey(this.#username, auth),
    );
  }

  async completeSecurityKey(name: string, proof: SecurityKeyProof): Promise<boolean> {
    const answer = { response: secondFactorResponseToCbor(proof) };
    return this.#change('registerWebauthnComplete', (auth) =>
      this.#node.completeSecurityKey(this.#username, name, answer, auth),
    );
  }

  async remove(credential: Uint8Array): Promise<void> {
    await this.#change('deleteMfa', (auth) => this.#node.remove(this.#username, credential, auth));
  }

  get #node() {
    return this.#deps.node.secondFactors;
  }

  get #username(): string {
    return this.#session.username;
  }

  #change<T>(method: string, send: (auth: Uint8Array) => Promise<T>): Promise<T> {
    return signedChange(this.#deps, this.#session.identity, `${LOGIN_PATH}/${method}`, send);
  }
}
