/**
 * Settings from the command line, the environment and the configuration file. The command line
 * wins over the environment, the environment over the file, the file over the defaults; an option
 * that may be given several times is taken from the first place that has it, whole.
 *
 * Whatever is not known is an error with a suggestion: a mistyped `sign-up` must not leave a node
 * open.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { decodeTypedText, typedEnvironment } from '#lib/bytes/index.ts';
import { OPTIONS } from './options.ts';
import type { Option } from './option.ts';
import { BadSetting, DEFAULTS } from './settings.ts';
import type { NodeSettings } from './settings.ts';
import { suggestion } from './suggestion.ts';

export interface Given {
  /** Everything that is no option of the node, in order. */
  readonly words: readonly string[];
  /** By the name of the option. */
  readonly texts: ReadonlyMap<string, readonly string[]>;
}

const ENVIRONMENT_PREFIX = 'PYRGOS_';
const CONFIG_FILE = 'node.json';

/** Options that are switches and no setting of the node. */
const SWITCHES = ['check', 'help', 'version'] as const;

/** The names on the command line, and in the file, that stand for a secret in a file. */
const fileName = (option: Option): string => `${option.name}-file`;

/** Splits a command line into words and options. Throws {@link BadSetting}. */
export function readCommandLine(args: readonly string[]): Given {
  const words: string[] = [];
  const texts = new Map<string, readonly string[]>();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (!arg.startsWith('--') || arg === '--') {
      words.push(arg);
      continue;
    }
    const [name = '', inline] = splitOnce(arg.slice(2), '=');
    const takesValue = needsValue(name);
    const text = inline ?? (takesValue ? args[++i] : 'true');
    if (text === undefined || (inline === undefined && takesValue && text.startsWith('--'))) {
      throw new BadSetting(`--${name} needs a value.`);
    }
    texts.set(name, [...(texts.get(name) ?? []), text]);
  }
  return { words, texts };
}

/** Whether the option of the command line takes a value. Throws where there is no such option. */
function needsValue(name: string): boolean {
  if (SWITCHES.some((it) => it === name)) return false;
  const option = OPTIONS.find((it) => it.name === name || fileName(it) === name);
  if (option === undefined || (option.name !== name && option.isSecret !== true)) {
    throw unknown(`--${name}`, `--${name}`, commandLineNames());
  }
  if (option.isSecret === true && option.name === name) {
    throw new BadSetting(
      `--${name} would show the secret to every program of this machine. Give it as ` +
        `${environmentName(option.name)} or in a file with --${fileName(option)}.`,
    );
  }
  return option.value !== undefined;
}

/**
 * The settings of a node. `siteFolder` is what is served unless something else is asked for.
 * Throws {@link BadSetting}.
 */
export function readSettings(
  given: Given,
  environment: Readonly<Record<string, string | undefined>>,
  siteFolder: string | undefined,
): NodeSettings {
  const fromEnvironment = readEnvironment(environment);
  const early = (name: string): string | undefined =>
    (given.texts.get(name) ?? fromEnvironment.get(name))?.at(-1);
  const data = early('data');
  const fromFile = readConfigFile(early('config'), data);
  let settings: Partial<NodeSettings> = { ...DEFAULTS, siteFolder };
  for (const option of OPTIONS) {
    const found = [
      { place: `--${option.name}`, texts: textsOf(option, given.texts) },
      { place: environmentName(option.name), texts: textsOf(option, fromEnvironment) },
      { place: `"${option.name}" of the configuration file`, texts: textsOf(option, fromFile) },
    ].find(({ texts }) => texts !== undefined);
    if (found?.texts === undefined) continue;
    settings = { ...settings, ...parsed(option, found.place, found.texts) };
  }
  const { dataFolder } = settings;
  if (dataFolder === undefined) {
    throw new BadSetting('Say where the node keeps its data: --data DIR.');
  }
  return { ...DEFAULTS, ...settings, dataFolder };
}

/** What `--help` prints about the options. */
export function optionsHelp(): string {
  return OPTIONS.map((option) => {
    const { name, value, what, isList, isSecret } = option;
    const shown = isSecret === true ? `--${name}-file FILE` : `--${name} ${value ?? ''}`;
    return `  ${shown.padEnd(34)} ${what}${isList === true ? ' (several times)' : ''}`;
  }).join('\n');
}

function parsed(option: Option, place: string, texts: readonly string[]): Partial<NodeSettings> {
  if (texts.length > 1 && option.isList !== true) {
    throw new BadSetting(`${place} is given more than once.`);
  }
  try {
    return option.read(texts);
  } catch (error) {
    if (!(error instanceof BadSetting)) throw error;
    throw new BadSetting(`${place}: ${error.message}`, { cause: error });
  }
}

/** The texts given for an option; of a secret, perhaps what stands in a file. */
function textsOf(
  option: Option,
  texts: ReadonlyMap<string, readonly string[]>,
): readonly string[] | undefined {
  const direct = texts.get(option.name);
  if (direct !== undefined || option.isSecret !== true) return direct;
  const path = texts.get(fileName(option))?.at(-1);
  return path === undefined ? undefined : [readSecret(option, path)];
}

function readSecret(option: Option, path: string): string {
  try {
    return decodeTypedText(readFileSync(path)).trim();
  } catch (error) {
    throw new BadSetting(`The file of ${option.name} cannot be read: ${reason(error)}`, {
      cause: error,
    });
  }
}

function readEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Map<string, readonly string[]> {
  const texts = new Map<string, readonly string[]>();
  const names = new Map(OPTIONS.map((option) => [environmentName(option.name), option]));
  const files = new Map(
    OPTIONS.filter((it) => it.isSecret).map((it) => [environmentName(fileName(it)), it]),
  );
  for (const [variable, text] of Object.entries(typedEnvironment(environment))) {
    if (!variable.startsWith(ENVIRONMENT_PREFIX) || text === undefined || text === '') continue;
    const option = names.get(variable);
    const secretFile = files.get(variable);
    if (option !== undefined) {
      texts.set(option.name, option.isList === true ? text.split(/[\s,]+/u) : [text]);
    } else if (secretFile !== undefined) {
      texts.set(fileName(secretFile), [text]);
    } else refuseMistyped(variable, [...names.keys(), ...files.keys()]);
  }
  return texts;
}

/** Other variables of this prefix belong to other programs of the project, unless one looks like ours. */
function refuseMistyped(variable: string, known: readonly string[]): void {
  const rest = (name: string): string => name.slice(ENVIRONMENT_PREFIX.length);
  const near = suggestion(rest(variable), known.map(rest));
  if (near === undefined) return;
  throw new BadSetting(
    `There is no setting ${variable}. Did you mean ${ENVIRONMENT_PREFIX}${near}?`,
  );
}

function environmentName(name: string): string {
  return ENVIRONMENT_PREFIX + name.toUpperCase().replaceAll('-', '_');
}

function readConfigFile(
  named: string | undefined,
  data: string | undefined,
): ReadonlyMap<string, readonly string[]> {
  const path = named ?? (data === undefined ? undefined : join(resolve(data), CONFIG_FILE));
  if (path === undefined || (named === undefined && !existsSync(path))) return new Map();
  const value = parseJson(path, readText(path));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadSetting(`${path} is not a JSON object.`);
  }
  return new Map(Object.entries(value).map(([name, it]) => configEntry(path, name, it)));
}

function readText(path: string): string {
  try {
    return decodeTypedText(readFileSync(path));
  } catch (error) {
    throw new BadSetting(`${path} cannot be read: ${reason(error)}`, { cause: error });
  }
}

/** What JavaScript says of bad JSON repeats part of it, which may be a secret. */
function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadSetting(`${path} is not JSON: look for a missing comma, quote or bracket.`);
  }
}

function configEntry(path: string, name: string, value: unknown): [string, readonly string[]] {
  const known = [
    ...OPTIONS.filter((it) => it.name !== 'config').map((it) => it.name),
    ...secretFiles(),
  ];
  if (!known.includes(name)) throw unknown(`"${name}" in ${path}`, name, known);
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return [
    name,
    list.map((it) => {
      if (typeof it === 'string' || typeof it === 'number' || typeof it === 'boolean') {
        return String(it);
      }
      throw new BadSetting(`"${name}" in ${path} is neither a text, a number nor a list of them.`);
    }),
  ];
}

function secretFiles(): string[] {
  return OPTIONS.filter((it) => it.isSecret).map(fileName);
}

function commandLineNames(): string[] {
  const plain = OPTIONS.filter((it) => it.isSecret !== true).map((it) => it.name);
  return [...plain, ...secretFiles(), ...SWITCHES].map((name) => `--${name}`);
}

function unknown(shown: string, name: string, known: readonly string[]): BadSetting {
  const near = suggestion(name, known);
  return new BadSetting(
    `There is no option ${shown}.${near === undefined ? '' : ` Did you mean ${near}?`}`,
  );
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
