/** What bounds a running app: how much at once, how often, and one dialog at a time. */
import { AppRequestRefused } from './errors.ts';
import type { AppLimits, Host } from './types.ts';

export const DEFAULT_LIMITS: AppLimits = {
  dataBytes: 1024 * 1024 * 1024,
  dataFiles: 10_000,
  requestsAtOnce: 64,
  bodyBytes: 64 * 1024 * 1024,
  writeBurst: 200,
  writesPerSecond: 10,
};

export const HEADER_LINE_MAX_BYTES = 255;
export const TOO_MANY = 429;

/** A bucket that holds `burst` tokens and gets some back each second. */
export class RateLimit {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #clock: () => number;
  #tokens: number;
  #lastMs: number;

  constructor(burst: number, perSecond: number, clock: () => number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#tokens = burst;
    this.#lastMs = clock();
  }

  /** @throws AppRequestRefused with 429 when there is none left */
  take(): void {
    const nowMs = this.#clock();
    const passedSeconds = Math.max(0, nowMs - this.#lastMs) / 1000;
    this.#tokens = Math.min(this.#burst, this.#tokens + passedSeconds * this.#perSecond);
    this.#lastMs = nowMs;
    if (this.#tokens < 1) throw new AppRequestRefused('The app writes too often.', TOO_MANY);
    this.#tokens -= 1;
  }
}

/** Questions to the person, one at a time. */
export class Dialogs {
  readonly #host: Host;
  #isOpen = false;
  #isClosed = false;

  constructor(host: Host) {
    this.#host = host;
  }

  /** @throws AppRequestRefused while another one is open, or without a recent click */
  async ask<T>(
    question: (host: Host) => Promise<T>,
    { needsClick = true }: { readonly needsClick?: boolean } = {},
  ): Promise<T> {
    if (this.#isOpen) throw new AppRequestRefused('Another dialog of this app is open.');
    if (needsClick && !this.#host.hadRecentClick()) {
      throw new AppRequestRefused('Dialogs open only shortly after a click in the app.');
    }
    this.#isOpen = true;
    try {
      const reply = await question(this.#host);
      if (this.#isClosed) throw new AppRequestRefused('The app was closed.');
      return reply;
    } finally {
      this.#isOpen = false;
    }
  }

  close(): void {
    this.#isClosed = true;
  }
}
