/** Where the text is while it is looked at: in the editor, or as it was read. */

/** What stands in [from, to) of a text becomes this. */
export interface TextChange {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/** The text at one moment. */
export interface Snapshot {
  readonly text: string;
  /** Whether the text is the same now. */
  isCurrent(): boolean;
}

export interface TextSource {
  snapshot(): Snapshot;
  /** A snapshot of a text that it had, or might have had. */
  snapshotOf(text: string): Snapshot;
  /** Puts another text in the place of all of it; the user can undo that where there is an editor. */
  replace(text: string): void;
  /** Changes a part of it. */
  change(change: TextChange): void;
}

/** A text without an editor. */
export class PlainText implements TextSource {
  #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  snapshot(): Snapshot {
    return this.snapshotOf(this.#text);
  }

  snapshotOf(text: string): Snapshot {
    return { text, isCurrent: () => this.#text === text };
  }

  replace(text: string): void {
    this.#text = text;
  }

  change({ from, to, insert }: TextChange): void {
    this.#text = this.#text.slice(0, from) + insert + this.#text.slice(to);
  }
}

/** A number that two different texts hardly share; no protection against people who want that. */
export function textPrint(text: string): string {
  let a = 0xdead_beef;
  let b = 0x41c6_ce57;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    a = Math.imul(a ^ unit, 2_654_435_761);
    b = Math.imul(b ^ unit, 1_597_334_677);
  }
  return `${text.length}-${(a >>> 0).toString(36)}-${(b >>> 0).toString(36)}`;
}
