/**
 * Names come from anyone who may write to a folder, so they are hostile text: a name may carry
 * control characters, turn the reading direction round, or hide letters. What is shown has every
 * such character made visible. The true name is never changed by this, only its picture; screens
 * put the result in a `<bdi>` so that it cannot turn its surroundings either.
 */

/** Control characters, and what turns, joins or hides without being seen. */
const UNSEEN =
  // eslint-disable-next-line no-control-regex -- control characters are what this is about
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** The name with everything unseen made visible: a right-to-left override is `⟨202E⟩`. */
export function shownName(name: string): string {
  return name.replace(UNSEEN, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\u27e8${code.toString(16).toUpperCase().padStart(4, '0')}\u27e9`;
  });
}

/** Where the extension begins, so that a rename can offer the part before it: `a.tar.gz` → 1. */
export function stemLength(name: string): number {
  const match = /(\.tar)?\.[^.]{1,10}$/u.exec(name);
  return match === null || match.index === 0 ? name.length : match.index;
}
