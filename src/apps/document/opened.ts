/** A document that was read, ready to be shown. */
export interface Opened {
  mountIn(target: HTMLElement, shell: Shell): void;
}

/** What the parts of the viewer may do. */
export interface Shell {
  /** The user chose a link in the document. */
  readonly follow: (link: string) => void;
  /** The document cannot be shown any further. */
  readonly fail: (error: unknown) => void;
}
