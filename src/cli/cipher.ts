/** Sealing and opening for a process of its own. */
import { systemRandom } from '#lib/crypto/index.ts';
import { createLocalChunkCipher, type ChunkCipher } from '#lib/cryptree/index.ts';

export interface OpenCipher {
  readonly cipher: ChunkCipher;
  close(): Promise<void>;
}

export async function openCipher(): Promise<OpenCipher> {
  return { cipher: createLocalChunkCipher(systemRandom), close: async () => undefined };
}
