/** The bytes of an answer: in memory while they are few, else as Blobs, which a browser keeps elsewhere. */

/** Up to here a body is one piece of memory. */
export const HELD_BYTES = 64 * 1024 * 1024;

export class AnswerBody {
  readonly #content: Uint8Array<ArrayBuffer> | readonly Blob[];
  readonly #type: string;

  /** @param type as the header of the answer says it */
  constructor(content: Uint8Array<ArrayBuffer> | readonly Blob[], type: string) {
    this.#content = content;
    this.#type = type;
  }

  /** What a Response is made of. */
  content(): Uint8Array<ArrayBuffer> | Blob {
    return this.#content instanceof Uint8Array ? this.#content : this.blob();
  }

  blob(): Blob {
    const parts = this.#content instanceof Uint8Array ? [this.#content] : [...this.#content];
    return new Blob(parts, { type: this.#type });
  }

  async text(): Promise<string> {
    if (!(this.#content instanceof Uint8Array)) return this.blob().text();
    return new TextDecoder().decode(this.#content);
  }
}
