/**
 * Names that are one to a reader. Unicode has several spellings for one picture: `Ü` is one letter,
 * or a `U` with two dots after it as other systems write it. Only what is compared is brought into
 * one form: names are stored and sent as they are.
 */

/** The same text for all spellings that are canonically equivalent. */
export function canonical(text: string): string {
  return text.normalize('NFC');
}

/** True for names that are equal, or are two spellings of one. */
export function sameName(a: string, b: string): boolean {
  return a === b || canonical(a) === canonical(b);
}
