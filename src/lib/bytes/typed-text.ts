/**
 * Small texts that people write with the programs they have: files of passwords and tokens,
 * settings, lists of commands. Editors of some systems save UTF-16, or a byte order mark before
 * UTF-8, and end lines in their own way; none of that belongs to what was written.
 */
import { concat } from './arrays.ts';
import { MalformedBytes } from './errors.ts';
import { utf8 } from './text.ts';

const MARKS: readonly (readonly [string, readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];
const LONGEST_MARK = 3;

/**
 * The text without its mark. Throws {@link MalformedBytes} for another encoding: guessing one would
 * make another text of it.
 */
export function decodeTypedText(bytes: Uint8Array): string {
  try {
    return decoderFor(bytes).decode(bytes);
  } catch {
    throw new MalformedBytes('The text is neither UTF-8 nor UTF-16. Please save it as UTF-8.');
  }
}

/** The same for text that arrives in pieces; the first ones tell how it is encoded. */
export async function* decodeTypedPieces(
  pieces: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<string> {
  let waiting: Uint8Array = new Uint8Array();
  let decoder: TextDecoder | undefined;
  for await (const piece of pieces) {
    const bytes = typeof piece === 'string' ? utf8(piece) : piece;
    waiting = concat(waiting, bytes);
    if (decoder === undefined && waiting.length < LONGEST_MARK) continue;
    decoder ??= decoderFor(waiting, false);
    yield decoder.decode(waiting, { stream: true });
    waiting = new Uint8Array();
  }
  yield (decoder ?? decoderFor(waiting, false)).decode(waiting);
}

/** A value without what a file of settings from another system leaves at its ends. */
export function typedValue(text: string): string {
  return text.replace(/^\u{feff}/u, '').replace(/[\r\n]+$/u, '');
}

/** Settings of the environment as they were meant. */
export function typedEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, text]) => [
      typedValue(name),
      text === undefined ? undefined : typedValue(text),
    ]),
  );
}

function decoderFor(bytes: Uint8Array, fatal = true): TextDecoder {
  const marked = MARKS.find(([, mark]) => mark.every((byte, i) => bytes[i] === byte));
  return new TextDecoder(marked?.[0] ?? 'utf-8', { fatal });
}
