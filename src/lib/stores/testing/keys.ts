/** What the tests of all kinds of stores are made with. */

/** Makes an empty store within a test, and cleans up with `onTestFinished`. */
export type Make<Store> = () => Promise<Store>;

export const bytes = (...values: number[]) => Uint8Array.from(values);

/** Keys that would be something else as a path, a pattern, a statement or a part of an URL. */
export const ASCII_KEYS = [
  '../up',
  '/etc/passwd',
  '.',
  '..',
  'a//b',
  'a/./b',
  'a/../../b',
  'CON',
  'con',
  'a b+c&d=e?f#g',
  '%2e%2e%2f',
  "'; DROP TABLE blocks; --",
  'a*(b)!~:@$,;[]{}|^`"<>\\',
  'index.sqlite',
  `owner/${'z'.repeat(60)}`,
];
export const OTHER_KEYS = [
  'é',
  'e\u0301',
  '\u{1f600}',
  '\uff5e',
  '\ue000',
  '\u0000',
  'a\nb',
  '\ud800',
];

export interface BlockKeys {
  /** Object stores take names only and refuse the rest. Every kind of text when absent. */
  readonly areNames?: boolean;
}
