/** Small choices about looks, kept in this browser. Nothing here may name a file or a person. */
const PREFIX = 'pyrgos.look.';

/** What was stored, if anything; storage may be closed to us, which is no error. */
export function readPreference(key: string): string | undefined {
  try {
    return localStorage.getItem(PREFIX + key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** The stored choice if it is one of those there are. */
export function readChoice<T extends string>(key: string, choices: readonly T[], otherwise: T): T {
  const stored = readPreference(key);
  return choices.find((choice) => choice === stored) ?? otherwise;
}

export function writePreference(key: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + key, value);
  } catch {
    // A private window may refuse: the choice then lasts as long as the page.
  }
}
