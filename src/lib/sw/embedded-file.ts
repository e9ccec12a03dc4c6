/**
 * Opens a file of the embedded node from inside the service worker: the same node code and the same
 * checks as everywhere, on the same IndexedDB database as the engine's.
 */
import { startCrypto, systemRandom } from '#lib/crypto/index.ts';
import { decodeBlock } from '#lib/codec/index.ts';
import { capabilityFromCbor, createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { createFileReader, type FileReader } from '#lib/drive/index.ts';
import { createLocalNode } from '#lib/node/index.ts';
import { createIndexedDbStores } from '#lib/stores/index.ts';
import type { FileSource } from './answer.ts';

const nodes = new Map<string, Promise<ReaderParts>>();
