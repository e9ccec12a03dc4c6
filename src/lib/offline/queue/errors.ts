/** What goes wrong with changes that wait on this device. */
import { PyrgosError } from '#lib/bytes/index.ts';

/** More changes wait for the server than this device keeps. Nothing of the refused one was kept. */
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

/** What waits on this device is not what was put there: it is not sent. */
export class PendingDamaged extends PyrgosError {
  override readonly name: string = 'PendingDamaged';
  override readonly kind = 'damaged';
  constructor(options?: ErrorOptions) {
    super('Changes that wait on this device are damaged and cannot be sent.', options);
  }
}
