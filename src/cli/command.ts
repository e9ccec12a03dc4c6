/** What a command is, and what it works with. */
import type { ParseArgsOptionsConfig } from 'node:util';
import type { Access } from './access.ts';
import type { Io } from './io.ts';

/** Options every command understands. */
export const GLOBAL_OPTIONS = {
  node: { type: 'string', short: 'n' },
  user: { type: 'string', short: 'u' },
  password: { type: 'string' },
  'password-file': { type: 'string' },
  code: { type: 'string' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean', short: 'q' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsOptionsConfig;

export type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows the name, for instance `[-R] [PATH…]`. */
  readonly usage: string;
  readonly options?: ParseArgsOptionsConfig;
  /** The least and the most positional arguments. */
  readonly operands: readonly [number, number];
  readonly run: (call: Call) => Promise<void>;
}

/** One call of a command. */
export interface Call {
  readonly io: Io;
  readonly values: Values;
  readonly operands: readonly string[];
  readonly access: Access;
  readonly signal: AbortSignal;
}

export function isSet({ values }: Pick<Call, 'values'>, option: string): boolean {
  return values[option] === true;
}

export function textOf({ values }: Pick<Call, 'values'>, option: string): string | undefined {
  const value = values[option];
  return typeof value === 'string' ? value : undefined;
}
