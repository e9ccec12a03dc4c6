/**
 * The handshake `Noise_XX_25519_ChaChaPoly_SHA256` (Noise Protocol Framework, revision 34, §5 and
 * §7.5), by which two peers of libp2p show each other their static keys. Nothing is sealed after the
 * handshake: WebRTC's own encryption carries the rest, and the prologue binds the two together.
 *
 * Messages of the other side are hostile.
 */
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { concat, utf8 } from '#lib/bytes/index.ts';
import { inUse } from './engine.ts';
import { BadKey, CannotDecrypt } from './errors.ts';
import { hmacSha256, sha256Of } from './hash.ts';

const KEY_BYTES = 32;
const TAG_BYTES = 16;
/** 32 bytes, so it is the first hash as it stands. */
const PROTOCOL_NAME = utf8('Noise_XX_25519_ChaChaPoly_SHA256');

export interface NoiseOptions {
  readonly isInitiator: boolean;
  /** What both sides have to know equally. */
  readonly prologue: Uint8Array;
  /** 32 secret bytes each, never used for anything else. */
  readonly staticSecret: Uint8Array;
  readonly ephemeralSecret: Uint8Array;
}

/** One side of a handshake of three messages, written and read in turn. */
export class NoiseHandshake {
  readonly #options: NoiseOptions;
  #chainingKey = PROTOCOL_NAME;
  #hash = PROTOCOL_NAME;
  #key: Uint8Array | undefined;
  #nonce = 0;
  #messages = 0;
  #remoteEphemeral: Uint8Array | undefined;
  #remoteStatic: Uint8Array | undefined;

  constructor(options: NoiseOptions) {
    this.#options = options;
    this.#mixHash(options.prologue);
  }

  /** The static key of this side, which the other side will see. */
  get publicStatic(): Uint8Array {
    return inUse.x25519PublicKey(this.#options.staticSecret);
  }

  /** The static key of the other side, once a message has brought it. */
  get remoteStatic(): Uint8Array | undefined {
    return this.#remoteStatic;
  }

  get isDone(): boolean {
    return this.#messages === 3;
  }

  /** The hash over everything both sides said; equal on both after the last message. */
  get handshakeHash(): Uint8Array {
    return this.#hash;
  }

  /** The next message, carrying `payload`, which is sealed from the second message on. */
  write(payload: Uint8Array): Uint8Array {
    const { ephemeralSecret, staticSecret } = this.#options;
    const step = this.#step(true);
    const parts: Uint8Array[] = [];
    if (step < 2) {
      const ephemeral = inUse.x25519PublicKey(ephemeralSecret);
      this.#mixHash(ephemeral);
      parts.push(ephemeral);
    }
    if (step === 1) this.#mixKey(ephemeralSecret, this.#remoteEphemeral);
    if (step > 0) parts.push(this.#seal(inUse.x25519PublicKey(staticSecret)));
    if (step > 0) this.#mixKey(staticSecret, this.#remoteEphemeral);
    parts.push(this.#seal(payload));
    return concat(...parts);
  }

  /**
   * Reads the next message and answers its payload. Throws {@link CannotDecrypt} for one that is
   * not of this handshake, {@link BadKey} for a key of low order. The handshake is over then.
   */
  read(message: Uint8Array): Uint8Array {
    const { ephemeralSecret } = this.#options;
    const step = this.#step(false);
    let offset = 0;
    const take = (length: number): Uint8Array => {
      if (message.length < offset + length) throw new CannotDecrypt('A handshake ends early.');
      return message.slice(offset, (offset += length));
    };
    if (step < 2) {
      this.#remoteEphemeral = take(KEY_BYTES);
      this.#mixHash(this.#remoteEphemeral);
    }
    if (step === 1) this.#mixKey(ephemeralSecret, this.#remoteEphemeral);
    if (step > 0) {
      this.#remoteStatic = this.#open(take(KEY_BYTES + TAG_BYTES));
      this.#mixKey(ephemeralSecret, this.#remoteStatic);
    }
    return this.#open(message.slice(offset));
  }

  /** 0, 1 or 2: which message is said now. The initiator writes the first and the last. */
  #step(isWriting: boolean): number {
    const step = this.#messages;
    if (step > 2 || (step % 2 === 0) !== (isWriting === this.#options.isInitiator)) {
      throw new RangeError('it is not the turn of this side of the handshake');
    }
    this.#messages++;
    return step;
  }

  #mixHash(data: Uint8Array): void {
    this.#hash = sha256Of(this.#hash, data);
  }

  #mixKey(secret: Uint8Array, publicKey: Uint8Array | undefined): void {
    const shared = publicKey && inUse.x25519(secret, publicKey);
    if (shared === undefined) throw new BadKey('The other side sent a key that must not be used.');
    const extracted = hmacSha256(this.#chainingKey, shared);
    this.#chainingKey = hmacSha256(extracted, Uint8Array.of(1));
    this.#key = hmacSha256(extracted, concat(this.#chainingKey, Uint8Array.of(2)));
    this.#nonce = 0;
  }

  #seal(plain: Uint8Array): Uint8Array {
    const sealed = this.#cipher()?.encrypt(plain) ?? plain;
    this.#mixHash(sealed);
    return sealed;
  }

  #open(sealed: Uint8Array): Uint8Array {
    const cipher = this.#cipher();
    try {
      return cipher?.decrypt(sealed) ?? sealed;
    } catch {
      throw new CannotDecrypt('The other side answered the handshake wrongly.');
    } finally {
      this.#mixHash(sealed);
    }
  }

  /** The cipher under the next nonce; none before the first key. */
  #cipher(): ReturnType<typeof chacha20poly1305> | undefined {
    if (this.#key === undefined) return undefined;
    const nonce = new Uint8Array(12);
    nonce[4] = this.#nonce++;
    return chacha20poly1305(this.#key, nonce, this.#hash.slice());
  }
}
