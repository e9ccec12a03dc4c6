/** Errors of pending changes. */
import { PyrgosError } from '#lib/bytes/index.ts';

/** The pending changes reached the limit of this device. Nothing of the refused change was kept. */
export class PendingFull extends PyrgosError {
  override readonly name: string = 'PendingFull';
  override readonly kind = 'quota';
  readonly maxBytes: number;

  constructor(maxBytes: number, options?: ErrorOptions) {
    const mebibytes = Math.floor(maxBytes / (1024 * 1024));
    super(
      `The server cannot be reached, and only up to ${mebibytes} MiB of changes are kept here until then.`,
      options,
    );
    this.maxBytes = maxBytes;
  }
}

/** The stored pending changes differ from what was written: they are not sent. */
export class PendingDamaged extends PyrgosError {
  override readonly name: string = 'PendingDamaged';
  override readonly kind = 'damaged';
  constructor(options?: ErrorOptions) {
    super('The pending changes on this device are damaged and cannot be sent.', options);
  }
}
