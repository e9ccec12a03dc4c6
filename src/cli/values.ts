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
