/** What the node said it offers beyond the protocol; nothing until it has answered once. */
import { OFFERS_HEADER } from '../wire/extensions.ts';
import type { Offer } from '../wire/extensions.ts';
import type { AnswerHeaders } from './http-types.ts';

const HEADER_MAX_UNITS = 1_000;

export class Offered {
  #offers: ReadonlySet<string> | undefined;

  note(headers: AnswerHeaders): void {
    const header = headers.get(OFFERS_HEADER);
    if (header === null || this.#offers !== undefined || header.length > HEADER_MAX_UNITS) return;
    this.#offers = new Set(header.split(' '));
  }

  has(offer: Offer): boolean {
    return this.#offers?.has(offer) ?? false;
  }

  /** Whether the node speaks of its offers at all: then what it does not name is not there. */
  get isKnown(): boolean {
    return this.#offers !== undefined;
  }
}
