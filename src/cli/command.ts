/** What a command is, and what it works with. */
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import type { Access } from './access.ts';
import { Misused } from './errors.ts';
import type { Io } from './io.ts';
import type { Values } from './values.ts';

/** Options every command understands. */
export const GLOBAL_OPTIONS = {
  node: { type: 'string', short: 'n' },
  user: { type: 'string', short: 'u' },
  password: { type: 'string' },
  'password-file': { type: 'string' },
  code: { type: 'string' },
  witness: { type: 'string' },
  'accept-change': { type: 'boolean' },
  'accept-rollback': { type: 'boolean' },
  'no-state': { type: 'boolean' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean', short: 'q' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsOptionsConfig;

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows the name, for instance `[-R] [PATH…]`. */
  readonly usage: string;
  readonly options?: ParseArgsOptionsConfig;
  /** The least and the most positional arguments. */
  readonly operands: readonly [number, number];
  /** Set where operands are names of people; else they are paths. */
  readonly takesPeople?: true;
  /** Options whose texts are names of people. */
  readonly peopleOptions?: readonly string[];
  /** Set for commands that seal or open whole files. */
  readonly movesContents?: true;
  readonly run: (call: Call) => Promise<void>;
}

/** One call of a command. */
export interface Call {
  readonly io: Io;
  readonly values: Values;
  readonly operands: readonly string[];
  readonly access: Access;
  readonly signal: AbortSignal;
  /** It was said to the shell. */
  readonly isShell?: boolean;
}

/** Reads options and operands. Throws `Misused`. */
export function parse(
  args: readonly string[],
  options: ParseArgsOptionsConfig,
): { readonly values: Values; readonly operands: readonly string[] } {
  try {
    const parsed = parseArgs({
      args: joined(args),
      options: { ...GLOBAL_OPTIONS, ...options },
      allowPositionals: true,
    });
    return { values: parsed.values, operands: parsed.positionals };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const [sentence = 'An option is unknown.'] = error.message.split('. ');
    throw new Misused(`${sentence.replace(/\.$/u, '')}.`, { cause: error });
  }
}

/** Throws `Misused` unless a command gets as many operands as it takes. */
export function checkOperands({ name, usage, operands: [least, most] }: Command, count: number) {
  if (count >= least && count <= most) return;
  throw new Misused(`Usage: pyrgos ${name} ${usage}`);
}

/** `--range -5` is meant as `--range=-5`: no option is a number. */
function joined(args: readonly string[]): string[] {
  const found: string[] = [];
  for (const arg of args) {
    const before = found.at(-1);
    if (/^-\d+$/u.test(arg) && before !== undefined && /^--[a-z-]+$/u.test(before)) {
      found.splice(-1, 1, `${before}=${arg}`);
    } else {
      found.push(arg);
    }
  }
  return found;
}
