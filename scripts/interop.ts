/**
 * `npm run -s interop -- read DIR --user NAME --password-file FILE`: what NAME's account in the set
 * DIR holds, one JSON object a line for every path. DIR holds `blocks.car` and `node.json`, as any
 * client of the protocol may have left them. Only rows go to stdout; what is damaged goes to stderr,
 * and the exit code is 1 if anything is, 2 for a command that makes no sense.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { PyrgosError } from '#lib/bytes/index.ts';
import { startCrypto } from '#lib/crypto/index.ts';
import { deviceOn, loadSet, readTree, signInTo, type Row } from './interop-read.ts';

const USAGE = 'Usage: npm run -s interop -- read DIR --user NAME --password-file FILE';

process.exitCode = await main();

async function main(): Promise<number> {
  const wanted = readCommand();
  if (wanted === undefined) {
    console.error(USAGE);
    return 2;
  }
  try {
    return await read(wanted);
  } catch (error) {
    if (!isForPeople(error)) throw error;
    console.error(error.message);
    return 1;
  }
}

interface Command {
  readonly folder: string;
  readonly username: string;
  readonly passwordFile: string;
}

function readCommand(): Command | undefined {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { user: { type: 'string' }, 'password-file': { type: 'string' } },
    });
    const [command, folder, ...more] = positionals;
    const { user: username, 'password-file': passwordFile } = values;
    if (command !== 'read' || folder === undefined || more.length > 0) return undefined;
    if (username === undefined || passwordFile === undefined) return undefined;
    return { folder, username, passwordFile };
  } catch (error) {
    console.error((error as Error).message);
    return undefined;
  }
}

async function read({ folder, username, passwordFile }: Command): Promise<number> {
  // The line break an editor leaves at the end is no part of the password.
  const password = readFileSync(passwordFile, 'utf8').replace(/\r?\n$/u, '');
  let faults = 0;
  const onDamage = (sentence: string): void => {
    faults++;
    console.error(sentence);
  };
  await startCrypto();
  const set = await loadSet(folder, username, onDamage);
  const device = deviceOn(set);
  const session = await signInTo(set, device, password);
  for await (const row of readTree(device, session, onDamage)) await print(line(row));
  return faults === 0 ? 0 : 1;
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

async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** Named errors, and files that cannot be opened. */
function isForPeople(error: unknown): error is Error {
  return error instanceof PyrgosError || (error instanceof Error && 'syscall' in error);
}
