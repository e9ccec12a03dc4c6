/**
 * libsodium compiled to WebAssembly, spoken to without its JavaScript wrapper: one scratch area in
 * its memory, one copy in, one copy out. Nothing allocates per call but texts above
 * {@link SCRATCH_BYTES}. Secrets are wiped from that memory before a call returns.
 *
 * Pointers are numbers into `HEAPU8`, which is replaced whenever the memory grows: it is read anew
 * after every allocation. Lengths are 64-bit in C and arrive as two words, the upper one zero.
 */
import loadSodium from 'libsodium';
import type { Engine } from '../engine.ts';
import { lengthOf, piecesOf } from '../pieces.ts';
import type { Pieces } from '../pieces.ts';
import type { Operations } from '../operations.ts';

/** A chunk of 5 MiB with its padding, its keys and room to spare. */
const SCRATCH_BYTES = 6 * 1024 * 1024;

/** The part of libsodium's C interface that is used. */
interface Sodium {
  readonly HEAPU8: Uint8Array;
  _sodium_init(): number;
  _malloc(length: number): number;
  _free(pointer: number): void;
  _crypto_secretbox_detached(
    cipher: number,
    mac: number,
    plain: number,
    length: number,
    lengthHigh: 0,
    nonce: number,
    key: number,
  ): number;
  _crypto_secretbox_open_detached(
    plain: number,
    cipher: number,
    mac: number,
    length: number,
    lengthHigh: 0,
    nonce: number,
    key: number,
  ): number;
  _crypto_sign_seed_keypair(publicKey: number, secret: number, seed: number): number;
  _crypto_sign_detached(
    signature: number,
    signatureLength: 0,
    message: number,
    length: number,
    lengthHigh: 0,
    secret: number,
  ): number;
  _crypto_sign_verify_detached(
    signature: number,
    message: number,
    length: number,
    lengthHigh: 0,
    publicKey: number,
  ): number;
  _crypto_scalarmult_base(publicKey: number, secret: number): number;
  _crypto_scalarmult(shared: number, secret: number, publicKey: number): number;
}

export async function sodiumEngine(): Promise<Engine> {
  const sodium = (await loadSodium({ getRandomValue })) as Sodium;
  if (sodium._sodium_init() < 0) throw new Error('libsodium did not start');
  return { name: 'libsodium', operations: operationsOf(sodium, new Scratch(sodium)) };
}

const MAC_BYTES = 16;
/** Keeps the place of the authenticator before the text. */
const NO_MAC = new Uint8Array(MAC_BYTES);

function operationsOf(sodium: Sodium, scratch: Scratch): Partial<Operations> {
  return {
    seal: (key, nonce, plain, sealed) => {
      const room = [NO_MAC, ...piecesOf(plain)];
      scratch.run([key, nonce, room], 0, ([k, n, mac]) => {
        const text = mac + MAC_BYTES;
        sodium._crypto_secretbox_detached(text, mac, text, lengthOf(plain), 0, n, k);
        let start = mac;
        for (const piece of piecesOf(sealed)) {
          scratch.read(start, piece);
          start += piece.length;
        }
      });
    },

    open: (key, nonce, sealed, plain) =>
      scratch.run([key, nonce, sealed], 0, ([k, n, mac]) => {
        const text = mac + MAC_BYTES;
        if (sodium._crypto_secretbox_open_detached(text, text, mac, plain.length, 0, n, k) !== 0) {
          return false;
        }
        scratch.read(text, plain);
        return true;
      }),

    ed25519PublicKey: (seed) =>
      scratch.run([seed], 32 + 64, ([s], out) => {
        sodium._crypto_sign_seed_keypair(out, out + 32, s);
        return scratch.read(out, new Uint8Array(32));
      }),

    ed25519Sign: (secret, message) =>
      scratch.run([secret, message], 64, ([s, m], out) => {
        sodium._crypto_sign_detached(out, 0, m, message.length, 0, s);
        return scratch.read(out, new Uint8Array(64));
      }),

    ed25519Verify: (publicKey, message, signature) =>
      scratch.run(
        [publicKey, signature, message],
        0,
        ([p, s, m]) => sodium._crypto_sign_verify_detached(s, m, message.length, 0, p) === 0,
      ),

    x25519PublicKey: (secret) =>
      scratch.run([secret], 32, ([s], out) => {
        sodium._crypto_scalarmult_base(out, s);
        return scratch.read(out, new Uint8Array(32));
      }),

    x25519: (secret, publicKey) =>
      scratch.run([secret, publicKey], 32, ([s, p], out) =>
        sodium._crypto_scalarmult(out, s, p) === 0
          ? scratch.read(out, new Uint8Array(32))
          : undefined,
      ),
  };
}

/** Pointers to up to three inputs; absent ones are never read. */
type Pointers = readonly [number, number, number];

class Scratch {
  readonly #sodium: Sodium;
  readonly #area: number;

  constructor(sodium: Sodium) {
    this.#sodium = sodium;
    this.#area = sodium._malloc(SCRATCH_BYTES);
    if (this.#area === 0) throw new Error('libsodium has no memory');
  }

  /** Lays the inputs and room for the output side by side, runs, and wipes what was laid out. */
  run<T>(
    inputs: readonly Pieces[],
    outputLength: number,
    body: (inputs: Pointers, output: number) => T,
  ): T {
    const sizes = inputs.map((input) => aligned(lengthOf(input)));
    const total = sizes.reduce((sum, size) => sum + size, aligned(outputLength));
    const area = total <= SCRATCH_BYTES ? this.#area : this.#allocate(total);
    try {
      const pointers: [number, number, number] = [0, 0, 0];
      let end = area;
      inputs.forEach((input, i) => {
        pointers[i] = end;
        let at = end;
        for (const piece of piecesOf(input)) {
          this.#sodium.HEAPU8.set(piece, at);
          at += piece.length;
        }
        end += sizes[i]!;
      });
      return body(pointers, end);
    } finally {
      this.#sodium.HEAPU8.fill(0, area, area + total);
      if (area !== this.#area) this.#sodium._free(area);
    }
  }

  /** Copies from libsodium's memory into all of `into`. */
  read(pointer: number, into: Uint8Array): Uint8Array {
    into.set(this.#sodium.HEAPU8.subarray(pointer, pointer + into.length));
    return into;
  }

  #allocate(length: number): number {
    const area = this.#sodium._malloc(length);
    if (area === 0) throw new RangeError('too much for libsodium at once');
    return area;
  }
}

function aligned(length: number): number {
  return (length + 15) & ~15;
}

function getRandomValue(): number {
  return globalThis.crypto.getRandomValues(new Uint32Array(1))[0]!;
}
