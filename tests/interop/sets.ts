/**
 * The account sets there are to read: the small one that is carried along, made by the reference
 * client and cut down to what three of its users reach, and any other that PYRGOS_ACCOUNT_SET names.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startCrypto } from '#lib/crypto/index.ts';
import { rememberingEngines } from '#lib/crypto/testing/remembering-engines.ts';
import type { Row } from '../../scripts/interop-read.ts';

const CARRIED = fileURLToPath(new URL('../vectors/account/', import.meta.url));
const OTHER = process.env['PYRGOS_ACCOUNT_SET'];

// Passwords cost what they cost, once; the reference in plain JavaScript would take several times that.
await startCrypto({ engines: rememberingEngines });

export interface SetUser {
  readonly folder: string;
  readonly username: string;
  readonly password: string;
  /** What the client that made the set sees there, by path. */
  readonly expected: readonly Row[];
}

interface ExpectedFile {
  readonly path: string;
  readonly type: 'file' | 'dir';
  readonly size?: number;
  readonly sha256?: string;
  readonly mimeType: string;
  readonly modifiedSeconds: number;
  readonly hidden: boolean;
  readonly thumbnail: { readonly sha256: string } | null;
}

export const setFolders: readonly string[] = OTHER === undefined ? [CARRIED] : [CARRIED, OTHER];

/** Every user of every set. */
export const setUsers: readonly SetUser[] = setFolders.flatMap(usersOf);

function usersOf(folder: string): SetUser[] {
  const { users } = readJson<{ users: Record<string, { password: string }> }>(folder, 'node.json');
  const expected = readJson<{ users: Record<string, { ownFiles: ExpectedFile[] }> }>(
    folder,
    'expected.json',
  );
  return Object.entries(users).map(([username, { password }]) => ({
    folder,
    username,
    password,
    expected: (expected.users[username]?.ownFiles ?? []).map(rowOf),
  }));
}

function rowOf(file: ExpectedFile): Row {
  return {
    path: file.path,
    type: file.type,
    sizeBytes: file.size ?? null,
    sha256: file.sha256 ?? null,
    mimeType: file.mimeType,
    modifiedSeconds: file.modifiedSeconds,
    isHidden: file.hidden,
    thumbnailSha256: file.thumbnail?.sha256 ?? null,
  };
}

function readJson<T>(folder: string, file: string): T {
  return JSON.parse(readFileSync(join(folder, file), 'utf8')) as T;
}
