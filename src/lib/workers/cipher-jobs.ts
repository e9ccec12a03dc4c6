/** What a cipher worker is asked and answers: plain byte arrays and numbers (see `cryptree`). */
import {
  createLocalChunkCipher,
  keyFromWire,
  openJobFromWire,
  sealedChunkToWire,
  sealJobFromWire,
  transferablesOf,
  type OpenJobWire,
  type SealJobWire,
} from '#lib/cryptree/index.ts';
import { systemRandom } from '#lib/crypto/index.ts';

export interface CipherJob {
  readonly id: number;
  readonly job:
    | { readonly kind: 'seal'; readonly job: SealJobWire }
    | { readonly kind: 'open'; readonly job: OpenJobWire }
    | { readonly kind: 'hash'; readonly plain: Uint8Array };
}

/** A port over which somebody else will send jobs. */
export interface LentPort {
  readonly port: MessagePort;
}

/** Said once, when the worker has loaded what it needs. */
export interface CipherReady {
  readonly isReady: true;
}

export type CipherAnswer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: { readonly name: string; readonly message: string } };

const cipher = createLocalChunkCipher(systemRandom);

/** Does one job; the buffers of the answer are to be transferred. */
export async function doCipherJob({
  id,
  job,
}: CipherJob): Promise<{ answer: CipherAnswer; transfer: ArrayBuffer[] }> {
  try {
    const { result, transfer } = await work(job);
    return { answer: { id, result }, transfer };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error('unknown');
    return { answer: { id, error: { name, message } }, transfer: [] };
  }
}

async function work(job: CipherJob['job']): Promise<{ result: unknown; transfer: ArrayBuffer[] }> {
  if (job.kind === 'seal') {
    const sealed = sealedChunkToWire(await cipher.seal(sealJobFromWire(job.job)));
    return { result: sealed, transfer: transferablesOf(sealed) };
  }
  if (job.kind === 'open') {
    const plain = await cipher.open(openJobFromWire(job.job), keyFromWire(job.job.key));
    // The plaintext is a view past its CBOR header; the whole buffer moves with it.
    return { result: plain, transfer: [plain.buffer as ArrayBuffer] };
  }
  return { result: await cipher.hash(job.plain), transfer: [] };
}
