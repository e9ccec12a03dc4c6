/** What the last word of a line may become: a command, an option, a path in the drive or on this disk. */
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { GLOBAL_OPTIONS, type Call, type Command } from '../command.ts';
import { showName } from '../text.ts';
import { quoted, splitWords, type Word } from './words.ts';

/** A name and whether more can follow it. */
interface Candidate {
  readonly text: string;
  readonly isFolder: boolean;
}

/** Called on Tab; an error gives no candidates. */
export async function complete(
  call: Call,
  commands: readonly Command[],
  line: string,
): Promise<[string[], string]> {
  const found = splitWords(line);
  const isNew = found.length === 0 || (/\s$/u.test(line) && !endsInWord(line, found.at(-1)));
  const before = isNew ? found : found.slice(0, -1);
  const word: Word = isNew ? { text: '', start: line.length, quote: '' } : found.at(-1)!;
  const typed = line.slice(word.start);
  try {
    const candidates = await candidatesFor(call, commands, before, word.text);
    return [candidates.map((one) => written(one, word)), typed];
  } catch {
    return [[], typed];
  }
}

/** A blank at the end may belong to the word, by a quote or a backslash. */
function endsInWord(line: string, last: Word | undefined): boolean {
  if (last === undefined) return false;
  return last.quote !== '' || /(?:^|[^\\])(?:\\\\)*\\\s$/u.test(line);
}

function written({ text, isFolder }: Candidate, { quote }: Word): string {
  const shown = quoted(text, quote);
  return isFolder ? shown : `${shown}${quote} `;
}

async function candidatesFor(
  call: Call,
  commands: readonly Command[],
  before: readonly Word[],
  text: string,
): Promise<Candidate[]> {
  const [name] = before;
  if (name === undefined || (name.text === 'help' && before.length === 1)) {
    const names = [...commands.map((command) => command.name), 'help', 'exit'];
    return named(names, text);
  }
  const command = commands.find((one) => one.name === name.text);
  if (command === undefined) return [];
  const isEnded = before.some((word) => word.text === '--');
  if (text.startsWith('-') && !isEnded) return named(optionsOf(command), text);
  const last = isEnded ? '' : (before.at(-1)?.text ?? '');
  if (command.peopleOptions?.some((option) => last === `--${option}`) === true) {
    const groups = last === '--with' ? GROUPS : [];
    return named([...groups, ...(await knownPeople(call))].sort(), text);
  }
  if (command.takesPeople === true) return named(await knownPeople(call), text);
  const operands = before.slice(1).filter((word) => isEnded || !word.text.startsWith('-')).length;
  const places = placesOf(command, operands);
  const found = await Promise.all(
    places.map((where) => (where === 'here' ? localNames(call, text) : remoteNames(call, text))),
  );
  const unique = new Map(found.flat().map((one) => [one.text, one]));
  return [...unique.values()].sort((a, b) => (a.text < b.text ? -1 : 1));
}

function named(names: readonly string[], text: string): Candidate[] {
  const starting = names.filter((name) => name.startsWith(text));
  return starting.map((name) => ({ text: name, isFolder: false }));
}

/** The shell already has the account and the node. */
const SAID_BEFORE = new Set<string>(['node', 'user', 'password', 'password-file', 'code']);

function optionsOf({ options = {} }: Command): string[] {
  const names = Object.keys({ ...options, ...GLOBAL_OPTIONS });
  return names.filter((name) => !SAID_BEFORE.has(name)).map((name) => `--${name}`);
}

/** `put LOCAL… [PATH]` and `get PATH… [LOCAL]`: any but the first operand may be the last. */
function placesOf({ name }: Command, operand: number): ('here' | 'there')[] {
  if (name === 'put') return operand === 0 ? ['here'] : ['here', 'there'];
  if (name === 'get') return operand === 0 ? ['there'] : ['there', 'here'];
  return ['there'];
}

const GROUPS = ['friends', 'followers'] as const;

/** Everybody we have to do with. */
async function knownPeople({ access, signal }: Call): Promise<string[]> {
  const { circle } = await access.signedIn(signal);
  const state = await circle.state(signal);
  const { following, followers, pendingIncoming, pendingOutgoing, blocked } = state;
  const all = [following, followers, pendingIncoming, pendingOutgoing, blocked].flat();
  return [...new Set(all)].sort();
}

async function remoteNames({ access, signal }: Call, text: string): Promise<Candidate[]> {
  const { drive, circle } = await access.signedIn(signal);
  const cut = text.lastIndexOf('/') + 1;
  const found: Candidate[] = [];
  if (text.startsWith('//') && cut === 2) {
    const { following } = await circle.follow.people(signal);
    for (const name of following.toSorted()) add(found, text, cut, name, true);
    return found;
  }
  const [path = []] = await access.paths([text.slice(0, cut) || '.'], signal);
  const folder = await access.open(path, signal);
  for await (const batch of drive.list(folder, { signal })) {
    for (const { name, isDirectory } of batch) add(found, text, cut, name, isDirectory);
  }
  return found;
}

async function localNames({ io }: Call, text: string): Promise<Candidate[]> {
  const cut = text.lastIndexOf('/') + 1;
  const before = text.slice(0, cut).replace(/^~(?=\/)/u, io.env['HOME'] ?? homedir());
  const folder = resolve(io.folder, before || '.');
  const found: Candidate[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const isFolder =
      entry.isDirectory() || (entry.isSymbolicLink() && (await isFolderAt(folder, entry.name)));
    add(found, text, cut, entry.name, isFolder);
  }
  return found;
}

function isFolderAt(folder: string, name: string): Promise<boolean> {
  return readdir(join(folder, name)).then(
    () => true,
    () => false,
  );
}

/** Hidden ones for those who begin with the dot; none that a terminal could take for a command. */
function add(found: Candidate[], text: string, cut: number, name: string, isFolder: boolean) {
  const typed = text.slice(cut);
  if (!name.startsWith(typed) || showName(name) !== name) return;
  if (name.startsWith('.') && typed === '') return;
  found.push({ text: `${text.slice(0, cut)}${name}${isFolder ? '/' : ''}`, isFolder });
}
