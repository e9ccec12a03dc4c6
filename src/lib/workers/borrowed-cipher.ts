/**
 * A service worker may start no workers, and while it opens a chunk it hands out no bytes. So the
 * engine of a page lends it a cipher worker, over a port; the key of a chunk goes with the job.
 *
 * A page may close or be put to sleep at any moment. Then the jobs it has fail with
 * {@link CipherWorkerFailed}, their buffers are gone with it, and the next ones are done here: whoever
 * reads a file looks a second time at a chunk that failed.
 */
import type { ChunkCipher, SealedChunk, UnverifiedChunk } from '#lib/cryptree/index.ts';
import type { SymmetricKey } from '#lib/crypto/index.ts';
import { connect, type Caller } from '#lib/rpc/index.ts';
import { CIPHER_ERRORS, cipherProtocol, type CipherProtocol } from './cipher-protocol.ts';
import { CipherWorkerFailed, openJob } from './cipher-pool.ts';

/** Less than this is opened sooner than asked for. */
const MIN_BYTES = 512 * 1024;
/** A cipher worker has a handful of jobs of some 20 ms before it; one that takes longer sleeps. */
const TIMEOUT_MS = 2000;

export class BorrowedCipher implements ChunkCipher {
  readonly #local: ChunkCipher;
  readonly #timeoutMs: number;
  #remote: RemoteCipher | undefined;

  constructor(local: ChunkCipher, timeoutMs = TIMEOUT_MS) {
    this.#local = local;
    this.#timeoutMs = timeoutMs;
  }

  /** Takes a port to a cipher worker; the latest is used. */
  borrow(port: MessagePort): void {
    this.#remote?.close();
    this.#remote = new RemoteCipher(port, this.#timeoutMs);
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
class RemoteCipher {
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
