/**
 * The plain state that the fragment of a link's page holds (C-7 §7.4, C-4 §4.1): JSON, escaped as
 * `encodeURI` does with its commas escaped too. The author of the address decides what is in it.
 */

/** What a fragment, without its `#`, says by name; undefined if it is no such state. */
export function linkStateFrom(fragment: string): ReadonlyMap<string, unknown> | undefined {
  for (const text of [decoded(fragment), fragment]) {
    const state = text === undefined ? undefined : parsed(text);
    if (typeof state === 'object' && state !== null && !Array.isArray(state)) {
      return new Map(Object.entries(state));
    }
  }
  return undefined;
}

/** The fragment, without its `#`. */
export function linkStateToFragment(state: ReadonlyMap<string, unknown>): string {
  const text = JSON.stringify(Object.fromEntries(state));
  return encodeURI(text).replaceAll(',', '%2c');
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // a bare per cent sign
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
