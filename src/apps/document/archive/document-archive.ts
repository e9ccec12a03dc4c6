/**
 * The parts of a document's archive, read when they are needed. Everything in it is hostile: how many
 * parts there are, what they unpack to, and how much XML is parsed is bounded before it is done.
 */
import { readZip, UnreadableZip } from '#lib/zip/index.ts';
import type { ZipBytes, ZipFile } from '#lib/zip/index.ts';
import { DamagedDocument, DocumentTooLarge } from './errors.ts';
import { decodeXml } from './decode-xml.ts';

const MIB = 1024 * 1024;
const PARTS_MAX = 20_000;
/** Unpacked, all parts together, as the archive says; single parts are held to what it says. */
const ARCHIVE_MAX_BYTES = 2048 * MIB;
/** Of XML, style sheets and the like, as long as the document is open. */
const TEXT_MAX_BYTES = 64 * MIB;
/** Of one picture, font or film. */
const PART_MAX_BYTES = 128 * MIB;

export class DocumentArchive {
  readonly #textMaxBytes: number;
  readonly #parts: ReadonlyMap<string, ZipFile>;
  #textBytes = 0;
  readonly #counted = new Set<string>();

  private constructor(files: readonly ZipFile[], textMaxBytes: number) {
    this.#textMaxBytes = textMaxBytes;
    this.#parts = new Map(files.map((file) => [file.path.toLowerCase(), file]));
  }

  /** Throws DamagedDocument and DocumentTooLarge. */
  static async open(source: ZipBytes, textMaxBytes = TEXT_MAX_BYTES): Promise<DocumentArchive> {
    try {
      const limits = { files: PARTS_MAX, bytes: Number.MAX_SAFE_INTEGER };
      const files = await readZip(source, limits);
      const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      if (bytes > ARCHIVE_MAX_BYTES) throw tooLarge();
      return new DocumentArchive(files, textMaxBytes);
    } catch (error) {
      throw damagedBy(error);
    }
  }

  has(path: string): boolean {
    return this.#parts.has(path.toLowerCase());
  }

  get paths(): string[] {
    return [...this.#parts.values()].map(({ path }) => path);
  }

  /** All bytes of a part. Throws DamagedDocument where there is none, DocumentTooLarge. */
  async bytes(path: string, limit = PART_MAX_BYTES): Promise<Uint8Array<ArrayBuffer>> {
    const part = this.#parts.get(path.toLowerCase());
    if (part === undefined) throw new DamagedDocument('A part of the document is missing.');
    if (part.sizeBytes > limit) throw tooLarge();
    const bytes = new Uint8Array(part.sizeBytes);
    let at = 0;
    try {
      for await (const piece of part.content()) {
        bytes.set(piece, at);
        at += piece.length;
      }
    } catch (error) {
      throw damagedBy(error);
    }
    return bytes;
  }

  /** A part as text, of which all together are bounded. */
  async text(path: string): Promise<string> {
    const name = path.toLowerCase();
    if (!this.#counted.has(name)) {
      this.#textBytes += this.#parts.get(name)?.sizeBytes ?? 0;
      if (this.#textBytes > this.#textMaxBytes) throw tooLarge();
      this.#counted.add(name);
    }
    return decodeXml(await this.bytes(path, TEXT_MAX_BYTES));
  }
}

function tooLarge(): DocumentTooLarge {
  return new DocumentTooLarge('The document is too large to be shown.');
}

function damagedBy(error: unknown): unknown {
  if (!(error instanceof UnreadableZip)) return error;
  return new DamagedDocument(error.message, { cause: error });
}
