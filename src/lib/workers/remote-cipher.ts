/**
 * The cipher of a service worker. A service worker may not start workers, and while it decrypts a
 * chunk it cannot stream. So the engine of a page gives it a port to one of its cipher workers; each
 * job carries the key of its chunk.
 *
 * A page may close or be suspended at any moment. Then its jobs fail with {@link CipherWorkerFailed},
 * their buffers are lost, and the next jobs run in the service worker; the reader of a file reads a
 * failed chunk a second time.
 */
import type { ChunkCipher, SealedChunk, UnverifiedChunk } from '#lib/cryptree/index.ts';
import type { SymmetricKey } from '#lib/crypto/index.ts';
import { connect, type Caller } from '#lib/rpc/index.ts';
import { CIPHER_ERRORS, cipherProtocol, type CipherProtocol } from './cipher-protocol.ts';
import { CipherWorkerFailed, openJob } from './cipher-pool.ts';

/** Smaller chunks are opened locally: that is faster than a message. */
const MIN_BYTES = 512 * 1024;
/** A cipher worker has a few jobs of about 20 ms in its queue; a later answer means it is suspended. */
const TIMEOUT_MS = 2000;

export class RemoteCipher implements ChunkCipher {
  readonly #local: ChunkCipher;
  readonly #timeoutMs: number;
  #remote: CipherPort | undefined;

  constructor(local: ChunkCipher, timeoutMs = TIMEOUT_MS) {
    this.#local = local;
    this.#timeoutMs = timeoutMs;
  }

  /** Takes a port to a cipher worker; the latest is used. */
  connect(port: MessagePort): void {
    this.#remote?.close();
    this.#remote = new CipherPort(port, this.#timeoutMs);
  }

  async open(chunk: UnverifiedChunk, key: SymmetricKey, signal?: AbortSignal): Promise<Uint8Array> {
    signal?.throwIfAborted();
    const remote = this.#remote;
    const sizeBytes = chunk.fragments.reduce((sum, { block }) => sum + block.length, 0);
    if (remote === undefined || sizeBytes < MIN_BYTES) return this.#local.open(chunk, key, signal);
    try {
      return await remote.open(chunk, key);
    } finally {
      if (remote.isGone && this.#remote === remote) this.#remote = undefined;
    }
  }

  seal(...job: Parameters<ChunkCipher['seal']>): Promise<SealedChunk> {
    return this.#local.seal(...job);
  }

  hash(...job: Parameters<ChunkCipher['hash']>): Promise<Uint8Array> {
    return this.#local.hash(...job);
  }
}

/** A cipher worker at the other end of a port, until it is silent for too long. */
class CipherPort {
  readonly #port: MessagePort;
  readonly #caller: Caller<CipherProtocol>;
  readonly #timeoutMs: number;
  isGone = false;

  constructor(port: MessagePort, timeoutMs: number) {
    this.#port = port;
    this.#timeoutMs = timeoutMs;
    this.#caller = connect(port, cipherProtocol, CIPHER_ERRORS);
    port.addEventListener('close', () => this.close());
    port.start();
  }

  async open(chunk: UnverifiedChunk, key: SymmetricKey): Promise<Uint8Array> {
    const { job, transfer } = openJob(chunk, key);
    const timer = setTimeout(() => this.close(), this.#timeoutMs);
    try {
      return await this.#caller.call('open', [job], { transfer });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Jobs under way, and later ones, fail. */
  close(): void {
    this.isGone = true;
    this.#port.close();
    this.#caller.close(new CipherWorkerFailed());
  }
}
