/**
 * The digest of an app: SHA-256 over the sorted lines `path NUL size NUL SHA-256(content)` of its
 * manifest and all below `assets/`. Paths are sorted by their UTF-8 bytes, sizes are decimal, hashes
 * are in hex, and each line ends with LF.
 */
import { compareBytes, concat, toHex, utf8 } from '#lib/bytes/index.ts';
import { runningSha256, sha256Now } from '#lib/crypto/index.ts';
import { MANIFEST_FILE } from './manifest.ts';
import type { AppPackage, PackageFile } from './package.ts';

export interface AppDigest {
  /** 64 hex digits. */
  readonly digest: string;
  /** SHA-256 of each file of the package, those of `data/` too, by path. */
  readonly hashes: ReadonlyMap<string, Uint8Array>;
}

/** Reads the whole package, piece by piece. */
export async function digestOf(
  { manifestBytes, assets, data }: AppPackage,
  signal?: AbortSignal,
): Promise<AppDigest> {
  const hashes = new Map<string, Uint8Array>();
  for (const file of [...assets, ...data]) hashes.set(file.path, await hashOf(file, signal));
  const lines = assets.map(({ path, sizeBytes }) => line(path, sizeBytes, hashes.get(path)!));
  lines.push(line(MANIFEST_FILE, manifestBytes.length, sha256Now(manifestBytes)));
  return { digest: toHex(sha256Now(concat(...lines.sort(compareBytes)))), hashes };
}

async function hashOf(file: PackageFile, signal?: AbortSignal): Promise<Uint8Array> {
  const hash = runningSha256();
  for await (const piece of file.content(signal)) hash.update(piece);
  return hash.digest();
}

function line(path: string, sizeBytes: number, hash: Uint8Array): Uint8Array {
  return utf8(`${path}\0${String(sizeBytes)}\0${toHex(hash)}\n`);
}
