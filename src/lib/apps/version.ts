/** Versions of apps: `major.minor.patch[-suffix]` (C-9 §9.3). */

export interface Version {
  readonly numbers: readonly [number, number, number];
  /** Empty if there is none. */
  readonly suffix: string;
}

const VERSION = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:-([0-9A-Za-z.-]{1,32}))?$/u;

export function parseVersion(text: string): Version | undefined {
  const found = VERSION.exec(text);
  if (found === null) return undefined;
  const [, major, minor, patch, suffix = ''] = found;
  return { numbers: [Number(major), Number(minor), Number(patch)], suffix };
}

/** Negative if `a` is the earlier one. One with a suffix comes before the same one without. */
export function compareVersions(a: Version, b: Version): number {
  for (const i of [0, 1, 2] as const) {
    const difference = a.numbers[i] - b.numbers[i];
    if (difference !== 0) return difference;
  }
  if (a.suffix === b.suffix) return 0;
  if (a.suffix === '' || b.suffix === '') return a.suffix === '' ? 1 : -1;
  return a.suffix < b.suffix ? -1 : 1;
}
