/** Writes PDF files object by object, for tests; what each test needs is put together from this. */

/** A dictionary as the format writes it, with the bytes of a stream where it has one. */
export interface PdfObject {
  readonly text: string;
  readonly stream?: Uint8Array;
}

/** Makes bytes of an object unreadable without a key. */
export type Encrypt = (bytes: Uint8Array, number: number) => Uint8Array;

export interface PdfOptions {
  /** Into the trailer, beside root and size. */
  readonly trailer?: string;
  readonly encrypt?: Encrypt;
}

export class PdfWriter {
  readonly #objects: (PdfObject | undefined)[] = [];

  /** Number of an object that is written later; so that two can name each other. */
  reserve(): number {
    return this.#objects.push(undefined);
  }

  set(number: number, text: string, stream?: Uint8Array): number {
    this.#objects[number - 1] = stream === undefined ? { text } : { text, stream };
    return number;
  }

  add(text: string, stream?: Uint8Array): number {
    return this.set(this.reserve(), text, stream);
  }

  /** The pieces of the file in order; large ones need not be in memory at once. */
  *pieces(root: number, options: PdfOptions = {}): Generator<Uint8Array> {
    const offsets: number[] = [];
    let length = 0;
    const sized = (bytes: Uint8Array): Uint8Array => {
      length += bytes.length;
      return bytes;
    };
    yield sized(latin('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n'));
    for (const [at, object] of this.#objects.entries()) {
      if (object === undefined) throw new Error(`Object ${String(at + 1)} was never written.`);
      offsets.push(length);
      for (const piece of piecesOf(object, at + 1, options.encrypt)) yield sized(piece);
    }
    const start = length;
    const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`);
    const size = String(offsets.length + 1);
    yield latin(`xref\n0 ${size}\n0000000000 65535 f \n${rows.join('')}`);
    const trailer = `<< /Size ${size} /Root ${ref(root)} ${options.trailer ?? ''} >>`;
    yield latin(`trailer\n${trailer}\nstartxref\n${String(start)}\n%%EOF\n`);
  }

  bytes(root: number, options?: PdfOptions): Buffer {
    return Buffer.concat([...this.pieces(root, options)]);
  }
}

function* piecesOf(
  { text, stream }: PdfObject,
  number: number,
  encrypt: Encrypt | undefined,
): Generator<Uint8Array> {
  if (stream === undefined) {
    yield latin(`${String(number)} 0 obj\n${text}\nendobj\n`);
    return;
  }
  const bytes = encrypt?.(stream, number) ?? stream;
  const dictionary = text.replace(/>>\s*$/u, `/Length ${String(bytes.length)} >>`);
  yield latin(`${String(number)} 0 obj\n${dictionary}\nstream\n`);
  yield bytes;
  yield latin('\nendstream\nendobj\n');
}

export const ref = (number: number): string => `${String(number)} 0 R`;
export const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
/** A text as a literal string. */
export const literal = (text: string): string => `(${text.replaceAll(/[\\()]/gu, '\\$&')})`;
