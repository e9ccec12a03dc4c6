/**
 * The fields of a profile (C-6 §6.1): each is a file of its own, so that each is shared on its own.
 * Friends decide what is in theirs: what breaks a bound is as good as absent.
 */
import { fromUtf8, PyrgosError, utf8 } from '#lib/bytes/index.ts';
import { ProfileRefused } from '../errors.ts';

/** Hidden folder of the home. */
export const PROFILE_FOLDER = '.profile';

/** `webroot` is a path without a slash before it: the owner's name, then folders. */
const TEXT_FILES = {
  firstName: 'firstname',
  lastName: 'lastname',
  status: 'status',
  bio: 'bio',
  phone: 'phone',
  email: 'email',
  webRoot: 'webroot',
} as const;
const PHOTO_FILE = 'photo';

const TEXT_MAX_BYTES = 16 * 1024;
/** Clients write 400 by 400 points, which uncompressed are 640,000 bytes. */
const PHOTO_MAX_BYTES = 1024 * 1024;
const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

type TextField = keyof typeof TEXT_FILES;
export type ProfileField = TextField | 'photo';

export const PROFILE_FIELDS: readonly ProfileField[] = [
  ...(Object.keys(TEXT_FILES) as readonly TextField[]),
  'photo',
];

/** What may be seen of somebody's profile. A friend's are his to write: hostile text and bytes. */
export type ProfileFields = Readonly<Partial<Record<TextField, string>>> & {
  /** To be shown as PNG, whatever it is. */
  readonly photo?: Uint8Array;
};

/** Fields to change; null or empty takes one out. */
export type ProfileChange = Readonly<Partial<Record<TextField, string | null>>> & {
  readonly photo?: Uint8Array | null;
};

/** The name of a field's file. */
export function fileOf(field: ProfileField): string {
  return field === 'photo' ? PHOTO_FILE : TEXT_FILES[field];
}

export function maxBytesOf(field: ProfileField): number {
  return field === 'photo' ? PHOTO_MAX_BYTES : TEXT_MAX_BYTES;
}

/** What the bytes of a field's file say; nothing where they are empty or break a rule. */
export function fieldFromBytes(field: ProfileField, bytes: Uint8Array): ProfileFields {
  if (bytes.length === 0 || bytes.length > maxBytesOf(field)) return {};
  if (field === 'photo') return { photo: bytes };
  try {
    return { [field]: fromUtf8(bytes) };
  } catch (error) {
    if (error instanceof PyrgosError) return {};
    throw error;
  }
}

/** The files that a change writes, by name. @throws ProfileRefused */
export function filesOf(username: string, change: ProfileChange): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const field of PROFILE_FIELDS) {
    const value = change[field];
    if (value === undefined) continue;
    const bytes = typeof value === 'string' ? utf8(value) : (value ?? new Uint8Array());
    if (bytes.length > 0) check(username, field, bytes);
    files.set(fileOf(field), bytes);
  }
  return files;
}

function check(username: string, field: ProfileField, bytes: Uint8Array): void {
  if (bytes.length > maxBytesOf(field)) {
    throw new ProfileRefused(
      field === 'photo' ? 'This picture is too large.' : 'This text is too long.',
    );
  }
  if (field === 'photo' && PNG_SIGNATURE.some((byte, i) => bytes[i] !== byte)) {
    throw new ProfileRefused('The picture of a profile has to be a PNG.');
  }
  if (field === 'webRoot') checkWebRoot(username, fromUtf8(bytes));
}

function checkWebRoot(username: string, path: string): void {
  const [owner, ...folders] = path.split('/');
  const isPlain = folders.every((name) => name !== '' && name !== '.' && name !== '..');
  if (owner !== username || folders.length === 0 || !isPlain) {
    throw new ProfileRefused('A website begins in one of your own folders.');
  }
}
