/**
 * `npm run -s interop -- read DIR --user NAME --password-file FILE`: what NAME's account in the set
 * DIR holds, one JSON object a line for every path. `social` in place of `read`: what the account
 * knows of the others in the set, as one JSON object. `links DIR`: what somebody without an account
 * gets of each secret link of the set, as one JSON object. DIR holds `blocks.car` and `node.json`, as
 * any client of the protocol may have left them. Only this goes to stdout; what is damaged goes to
 * stderr, and the exit code is 1 if anything is, 2 for a command that makes no sense.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { PyrgosError } from '#lib/bytes/index.ts';
import { startCrypto } from '#lib/crypto/index.ts';
import type { Session } from '#lib/account/index.ts';
import type { DriveDeps } from '#lib/drive/index.ts';
import {
  deviceOn,
  loadSet,
  loadWholeSet,
  readTree,
  signInTo,
  type LoadedSet,
  type OnDamage,
  type Row,
} from './interop-read.ts';
import { visitLinks } from './interop-links.ts';
import { readSocial } from './interop-social.ts';

const USAGE =
  'Usage: npm run -s interop -- read|social DIR --user NAME --password-file FILE\n' +
  '       npm run -s interop -- links DIR';

const VIEWS: ReadonlyMap<string, View> = new Map([
  ['read', { load: loadSet, print: printTree }],
  ['social', { load: loadWholeSet, print: printSocial }],
]);

process.exitCode = await main();

async function main(): Promise<number> {
  const wanted = readCommand();
  if (wanted === undefined) {
    console.error(USAGE);
    return 2;
  }
  try {
    return await show(wanted);
  } catch (error) {
    if (!isForPeople(error)) throw error;
    console.error(error.message);
    return 1;
  }
}

/** What a command loads of a set, and what it prints of the account. */
interface View {
  readonly load: (folder: string, username: string, onDamage: OnDamage) => Promise<LoadedSet>;
  readonly print: (device: DriveDeps, session: Session, onDamage: OnDamage) => Promise<void>;
}

/** Prints what was asked for. */
type Command = (onDamage: OnDamage) => Promise<void>;

function readCommand(): Command | undefined {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { user: { type: 'string' }, 'password-file': { type: 'string' } },
    });
    const [command, folder, ...more] = positionals;
    const { user: username, 'password-file': passwordFile } = values;
    if (folder === undefined || more.length > 0) return undefined;
    if (command === 'links' && username === undefined && passwordFile === undefined) {
      return (onDamage) => printLinks(folder, onDamage);
    }
    const view = VIEWS.get(command ?? '');
    if (view === undefined || username === undefined || passwordFile === undefined) {
      return undefined;
    }
    return (onDamage) => showAccount(view, { folder, username, passwordFile }, onDamage);
  } catch (error) {
    console.error((error as Error).message);
    return undefined;
  }
}

async function show(command: Command): Promise<number> {
  let faults = 0;
  const onDamage = (sentence: string): void => {
    faults++;
    console.error(sentence);
  };
  await startCrypto();
  await command(onDamage);
  return faults === 0 ? 0 : 1;
}

interface Account {
  readonly folder: string;
  readonly username: string;
  readonly passwordFile: string;
}

async function showAccount(
  view: View,
  { folder, username, passwordFile }: Account,
  onDamage: OnDamage,
): Promise<void> {
  // The line break an editor leaves at the end is no part of the password.
  const password = readFileSync(passwordFile, 'utf8').replace(/\r?\n$/u, '');
  const set = await view.load(folder, username, onDamage);
  const device = deviceOn(set);
  const session = await signInTo(set, device, password);
  await view.print(device, session, onDamage);
}

async function printTree(device: DriveDeps, session: Session, onDamage: OnDamage): Promise<void> {
  for await (const row of readTree(device, session, onDamage)) await print(line(row));
}

async function printSocial(device: DriveDeps, session: Session, onDamage: OnDamage): Promise<void> {
  await print(`${jsonOf(await readSocial(device, session, onDamage))}\n`);
}

async function printLinks(folder: string, onDamage: OnDamage): Promise<void> {
  await print(`${jsonOf({ secretLinks: await visitLinks(folder, onDamage) })}\n`);
}

/** Numbers are written here, not by JSON: seconds may be larger than a double holds exactly. */
function line(row: Row): string {
  const text = (value: string | null): string => JSON.stringify(value);
  return (
    `{"path":${text(row.path)},"type":${text(row.type)},"size":${String(row.sizeBytes)},` +
    `"sha256":${text(row.sha256)},"mime":${text(row.mimeType)},` +
    `"modified_s":${String(row.modifiedSeconds)},"hidden":${String(row.isHidden)},` +
    `"thumbnail_sha256":${text(row.thumbnailSha256)}}\n`
  );
}

/** JSON in which seconds that a double does not hold exactly are written in full. */
function jsonOf(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([key, part]) => `${JSON.stringify(key)}:${jsonOf(part)}`,
  );
  return `{${members.join(',')}}`;
}

async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** Named errors, and files that cannot be opened. */
function isForPeople(error: unknown): error is Error {
  return error instanceof PyrgosError || (error instanceof Error && 'syscall' in error);
}
