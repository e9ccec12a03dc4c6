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
import type { SocialReport } from '../../scripts/interop-social.ts';

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
  /** What he knows of others there, as far as the set says. */
  readonly social: Partial<SocialReport>;
  /** Everybody in the set. */
  readonly everybody: readonly string[];
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

/** One person's access to one item, as a set lists it. */
export interface SetShare {
  readonly owner: string;
  readonly path: string;
  readonly recipient: string;
  readonly rights: 'read' | 'write';
  /** `direct`, or the group it comes by. */
  readonly via: string;
}

/** What a set lists of shares. */
export function sharesIn(folder: string): readonly SetShare[] {
  return readJson<{ shares?: SetShare[] }>(folder, 'expected.json').shares ?? [];
}

interface ExpectedUser extends Partial<SocialReport> {
  readonly ownFiles: ExpectedFile[];
}

/** What two users of a set compare to know that each has the other's keys. */
export interface SetFingerprint {
  readonly between: readonly [string, string];
  readonly safetyNumber: string;
  readonly qrTexts: readonly [string, string];
}

/** The comparison a set has an answer for, if there is one. */
export function fingerprintIn(folder: string): SetFingerprint | undefined {
  const { fingerprint } = readJson<{ fingerprint?: ExpectedFingerprint }>(folder, 'expected.json');
  if (fingerprint === undefined) return undefined;
  const { between, safetyNumber, ...qrs } = fingerprint;
  const qrOf = (username: string): string => String(qrs[`${username}Qr`]);
  return { between, safetyNumber, qrTexts: [qrOf(between[0]), qrOf(between[1])] };
}

/** Its other members are named after the users. */
interface ExpectedFingerprint {
  readonly between: readonly [string, string];
  readonly safetyNumber: string;
  readonly [member: string]: unknown;
}

function usersOf(folder: string): SetUser[] {
  const { users } = readJson<{ users: Record<string, { password: string }> }>(folder, 'node.json');
  const expected = readJson<{ users: Record<string, ExpectedUser> }>(folder, 'expected.json');
  return Object.entries(users).map(([username, { password }]) => ({
    folder,
    username,
    password,
    expected: (expected.users[username]?.ownFiles ?? []).map(rowOf),
    social: socialIn(expected.users[username]),
    everybody: Object.keys(users),
  }));
}

function socialIn(user: ExpectedUser | undefined): Partial<SocialReport> {
  if (user === undefined) return {};
  const { ownFiles: _ownFiles, ...more } = user;
  const known = Object.entries(more).filter(([member]) => isOfSocial(member));
  return Object.fromEntries(known);
}

function isOfSocial(member: string): boolean {
  return ['social', 'sharedByMe', 'friendFiles', 'profile', 'friendProfiles'].includes(member);
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
