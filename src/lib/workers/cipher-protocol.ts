/** What a cipher worker can be asked: plain byte arrays and numbers (see `cryptree`). */
import {
  createLocalChunkCipher,
  DamagedNode,
  DirtyData,
  keyFromWire,
  openJobFromWire,
  sealedChunkToWire,
  sealJobFromWire,
  transferablesOf,
  TruncatedChunk,
  WrongKey,
  type OpenJobWire,
  type SealedChunkWire,
  type SealJobWire,
} from '#lib/cryptree/index.ts';
import { CannotDecrypt, DamagedBlock, systemRandom } from '#lib/crypto/index.ts';
import {
  bytes,
  flag,
  listOf,
  nothing,
  nullable,
  object,
  portCalls,
  serve,
  shape,
  transferring,
  type Handlers,
  type Parser,
  type Wire,
} from '#lib/rpc/index.ts';

const key = object({ bytes, dirty: flag });

const sealJob: Parser<SealJobWire> = object({
  plain: bytes,
  dataKey: key,
  mirrorBatId: nullable(bytes),
  hashPlain: flag,
});

const openJob: Parser<OpenJobWire> = object({
  nonce: bytes,
  header: bytes,
  fragments: listOf(object({ cid: bytes, block: bytes })),
  key,
});

const sealedChunk: Parser<SealedChunkWire> = object({
  nonce: bytes,
  header: bytes,
  inline: nullable(bytes),
  fragments: listOf(object({ cid: bytes, bat: bytes, block: bytes })),
  plainSha256: nullable(bytes),
});

export const cipherProtocol = {
  /** Answered when the worker has loaded what it needs. */
  ready: shape([], nothing),
  ...portCalls,
  seal: transferring(shape([sealJob], sealedChunk), transferablesOf),
  // The plaintext is a view past its CBOR header; the whole buffer moves with it.
  open: transferring(shape([openJob], bytes), (plain) => [plain.buffer as ArrayBuffer]),
  hash: shape([bytes], bytes),
};
export type CipherProtocol = typeof cipherProtocol;

/** What a job says of the bytes it was given. */
export const CIPHER_ERRORS = [
  WrongKey,
  TruncatedChunk,
  DamagedNode,
  DirtyData,
  DamagedBlock,
  CannotDecrypt,
] as const;

/** Answers calls for the cipher once `ready`. */
export function serveCipher(wire: Wire, ready: Promise<unknown>): void {
  const cipher = createLocalChunkCipher(systemRandom);
  const handlers: Handlers<CipherProtocol> = {
    ready: async () => {
      await ready;
    },
    async openPort(_context, connected) {
      serve(connected, cipherProtocol, handlers);
      connected.start();
    },
    async seal(_context, job) {
      await ready;
      return sealedChunkToWire(await cipher.seal(sealJobFromWire(job)));
    },
    async open(_context, job) {
      await ready;
      return cipher.open(openJobFromWire(job), keyFromWire(job.key));
    },
    async hash(_context, plain) {
      await ready;
      return cipher.hash(plain);
    },
  };
  serve(wire, cipherProtocol, handlers);
}
