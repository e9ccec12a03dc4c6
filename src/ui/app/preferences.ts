/** Small choices about looks, kept in this browser. Nothing here may name a file or a person. */
const PREFIX = 'pyrgos.look.';

/** The stored choice if it is one of `allowed`; storage may be closed to us, which is no error. */
export function readPreference<T extends string>(
  key: string,
  allowed: readonly T[],
  otherwise: T,
): T {
  try {
    const stored = localStorage.getItem(PREFIX + key);
    return allowed.find((value) => value === stored) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function writePreference(key: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + key, value);
  } catch {
    // A private window may refuse: the choice then lasts as long as the page.
  }
}
