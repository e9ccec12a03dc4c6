/**
 * UTF-8, strictly: what cannot be encoded or decoded without loss is refused (A-1 §1.2).
 * Both directions meet hostile input: names typed by a person, text inside blocks.
 */
import { MalformedBytes } from './errors.ts';

const encoder = new TextEncoder();
// A byte order mark is content here: dropping it would change a name and a hash.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 bytes of `text`. Throws {@link MalformedBytes} for an unpaired surrogate. */
export function utf8(text: string): Uint8Array {
  if (!text.isWellFormed()) throw new MalformedBytes('The text holds half of a character.');
  return encoder.encode(text);
}

/** The text of UTF-8 bytes. Throws {@link MalformedBytes} for anything that is not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new MalformedBytes('The bytes are not UTF-8 text.');
  }
}
