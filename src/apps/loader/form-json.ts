/** Forms as the app API takes them: JSON, with repeated names as lists (C-9 §9.2). */

/** Undefined for a form with a file in it, which JSON cannot hold. */
export function jsonOfForm(form: FormData): string | undefined {
  const fields = new Map<string, string | string[]>();
  for (const [name, value] of form) {
    if (typeof value !== 'string') {
      // An `<input type="file">` in which nothing was chosen.
      if (value.size === 0 && value.name === '') continue;
      return undefined;
    }
    const known = fields.get(name);
    fields.set(name, known === undefined ? value : [known, value].flat());
  }
  return JSON.stringify(Object.fromEntries(fields));
}
