/** The options that a command was called with. */

export type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

interface Called {
  readonly values: Values;
}

/** Whether a switch was given. */
export function isSet({ values }: Called, option: string): boolean {
  return values[option] === true;
}

/** The text of an option, if it was given. */
export function textOf({ values }: Called, option: string): string | undefined {
  const value = values[option];
  return typeof value === 'string' ? value : undefined;
}

/** The texts of an option that may be given more than once. */
export function textsOf({ values }: Called, option: string): readonly string[] {
  const value = values[option];
  const all = Array.isArray(value) ? value : [value];
  return all.filter((one) => typeof one === 'string');
}
