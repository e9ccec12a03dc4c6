/**
 * Looking into texts without any function that a hostile script of the same realm could replace.
 * Words are given in small letters and found in any case of ASCII.
 */
export interface TextTools {
  readonly has: (text: string, word: string) => boolean;
  /** Each occurrence of the word with `_` in place of the letter at this position. */
  readonly without: (text: string, word: string, position: number) => string;
  /** With letters and hyphens in place of their numeric character references. */
  readonly withPlainLetters: (text: string) => string;
}

/** The loader puts the text of this function into its workers: it refers to nothing outside itself. */
export function textTools(): TextTools {
  const SMALL = 'abcdefghijklmnopqrstuvwxyz';
  const LARGE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  const DIGITS = '0123456789abcdef';

  const placeIn = (letters: string, letter: string | undefined): number => {
    for (let i = 0; i < letters.length; i++) if (letters[i] === letter) return i;
    return -1;
  };
  const small = (letter: string | undefined): string | undefined => {
    if (letter === undefined || letter < 'A' || letter > 'Z') return letter;
    return SMALL[placeIn(LARGE, letter)];
  };
  const isAt = (text: string, at: number, word: string): boolean => {
    for (let i = 0; i < word.length; i++) if (small(text[at + i]) !== word[i]) return false;
    return true;
  };
  const has = (text: string, word: string): boolean => {
    for (let at = 0; at < text.length; at++) if (isAt(text, at, word)) return true;
    return false;
  };
  const without = (text: string, word: string, position: number): string => {
    if (!has(text, word)) return text;
    let clean = '';
    for (let at = 0; at < text.length; at++) {
      if (!isAt(text, at, word)) {
        clean += text[at]!;
        continue;
      }
      for (let i = 0; i < word.length; i++) clean += i === position ? '_' : text[at + i]!;
      at += word.length - 1;
    }
    return clean;
  };
  const letterOf = (code: number): string | undefined => {
    if (code === 45) return '-';
    return code >= 97 ? SMALL[code - 97] : code >= 65 ? LARGE[code - 65] : undefined;
  };
  /** The letter that a reference stands for, and the last position of the reference. */
  const referenceAt = (text: string, at: number): { letter?: string | undefined; end: number } => {
    if (text[at] !== '&' || text[at + 1] !== '#') return { end: at };
    const base = small(text[at + 2]) === 'x' ? 16 : 10;
    const from = at + (base === 16 ? 3 : 2);
    let end = from;
    let code = 0;
    for (; ; end++) {
      const digit = placeIn(DIGITS, small(text[end]));
      if (digit < 0 || digit >= base) break;
      if (code < 1_000) code = code * base + digit;
    }
    return {
      letter: end === from ? undefined : letterOf(code),
      end: text[end] === ';' ? end : end - 1,
    };
  };
  const withPlainLetters = (text: string): string => {
    if (!has(text, '&#')) return text;
    let plain = '';
    for (let at = 0; at < text.length; at++) {
      const { letter, end } = referenceAt(text, at);
      plain += letter ?? text[at]!;
      if (letter !== undefined) at = end;
    }
    return plain;
  };
  return { has, without, withPlainLetters };
}
