/** The name of an account as it was typed: phones begin with a capital and end with a space. */
export function typedName(typed: string): string {
  return typed.trim().toLowerCase();
}
