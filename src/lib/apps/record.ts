/**
 * What this client remembers of an installation, in a file of its own beside the manifest, which
 * other clients ignore: where the app was read from and what it was. Only from here is it said who
 * an app is from; `author` and `source` of a manifest are claims.
 */
import { fromUtf8, PyrgosError, utf8 } from '#lib/bytes/index.ts';
import { isJsonObject, parseJson } from './json.ts';
import type { AppOrigin } from './package.ts';

export const RECORD_FILE = '.pyrgos-app.json';
export const RECORD_MAX_BYTES = 16 * 1024;

export interface AppRecord {
  readonly version: string;
  readonly digest: string;
  /** Absent for an app from an archive. */
  readonly origin: AppOrigin | undefined;
}

export function composeRecord({ version, digest, origin }: AppRecord): Uint8Array {
  return utf8(`${JSON.stringify({ version, digest, ...origin })}\n`);
}

/** A record; undefined if it is none: then nothing is known of the app. */
export function parseRecord(bytes: Uint8Array): AppRecord | undefined {
  try {
    if (bytes.length > RECORD_MAX_BYTES) return undefined;
    const json = parseJson(fromUtf8(bytes));
    if (!isJsonObject(json)) return undefined;
    const text = (member: string): string | undefined => {
      const value = json.get(member);
      return typeof value === 'string' ? value : undefined;
    };
    const [version, digest] = [text('version'), text('digest')];
    if (version === undefined || digest === undefined) return undefined;
    const [owner, identity, writer] = [text('owner'), text('identity'), text('writer')];
    const path = text('path');
    const isPlace =
      owner !== undefined && identity !== undefined && writer !== undefined && path !== undefined;
    const isVerified = json.get('isVerified') === true;
    const origin = isPlace ? { owner, identity, writer, path, isVerified } : undefined;
    return { version, digest, origin };
  } catch (error) {
    if (!(error instanceof PyrgosError)) throw error;
    return undefined;
  }
}
