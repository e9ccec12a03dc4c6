/**
 * The built site, held in memory from the start of the node: what a browser loads together comes
 * from one build even while the folder is being replaced, and a path can only name a file that was
 * there, however it is spelt. Files may lie compressed beside themselves (`x.js.br`, `x.js.gz`);
 * others are compressed when first asked for.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { toHex } from '#lib/bytes/index.ts';
import { sha256Now } from '#lib/crypto/index.ts';
import { BadSetting } from '../settings/settings.ts';
import { mediaTypeOf } from './media-types.ts';
import { pagePolicies } from './policies.ts';
import type { PagePolicies } from './policies.ts';

export type Encoding = 'br' | 'gzip';

export interface SiteFile {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  /** Quoted, as in the header. */
  readonly etag: string;
  /** Its name contains the hash of its content. */
  readonly isImmutable: boolean;
  /** Its bytes compressed; `undefined` where that gains nothing. */
  compressed(encoding: Encoding): Promise<Uint8Array | undefined>;
}

export interface Site {
  /** By the path below the site's root, without leading slash. */
  file(path: string): SiteFile | undefined;
  readonly index: SiteFile;
  readonly policies: PagePolicies;
}

const INDEX = 'index.html';
/** A built site has a few MiB; more must be another folder. */
const SITE_MAX_BYTES = 256 * 2 ** 20;
const COMPRESSIBLE = /^(?:text\/|image\/svg|application\/(?:json|manifest|wasm))/u;
/** Shorter than this, compression gains less than its header costs. */
const COMPRESS_FROM_BYTES = 512;
const BROTLI_QUALITY = 9;

const SUFFIXES: Readonly<Record<Encoding, string>> = { br: '.br', gzip: '.gz' };

/** Reads a built site. Throws {@link BadSetting} where there is none. */
export function loadSite(folder: string): Site {
  const bytesByPath = readFolder(folder);
  const files = new Map<string, SiteFile>();
  for (const [path, bytes] of bytesByPath) {
    const plain = Object.values(SUFFIXES).find((suffix) => path.endsWith(suffix));
    if (plain !== undefined && bytesByPath.has(path.slice(0, -plain.length))) continue;
    files.set(path, siteFile(path, bytes, bytesByPath));
  }
  const index = files.get(INDEX);
  if (index === undefined) {
    throw new BadSetting(`${folder} is not a built site: there is no ${INDEX} in it.`);
  }
  const policies = pagePolicies(new TextDecoder().decode(index.bytes));
  return { file: (path) => files.get(path), index, policies };
}

/** The same site with other contents of some files, by path. */
export function alteredSite(site: Site, contents: ReadonlyMap<string, Uint8Array>): Site {
  const files = new Map(
    [...contents].map(([path, bytes]) => [path, siteFile(path, bytes, new Map())]),
  );
  const index = files.get(INDEX) ?? site.index;
  const policies = pagePolicies(new TextDecoder().decode(index.bytes));
  return { file: (path) => files.get(path) ?? site.file(path), index, policies };
}

function readFolder(folder: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  let total = 0;
  try {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const bytes = readFileSync(path);
      total += bytes.length;
      if (total > SITE_MAX_BYTES) throw new BadSetting(`${folder} is too large for a site.`);
      files.set(relative(folder, path).split(sep).join('/'), bytes);
    }
  } catch (error) {
    if (error instanceof BadSetting) throw error;
    throw new BadSetting(`The site in ${folder} cannot be read.`, { cause: error });
  }
  return files;
}

function siteFile(
  path: string,
  bytes: Uint8Array,
  beside: ReadonlyMap<string, Uint8Array>,
): SiteFile {
  const mediaType = mediaTypeOf(path);
  const isWorthIt = COMPRESSIBLE.test(mediaType) && bytes.length >= COMPRESS_FROM_BYTES;
  const made = new Map<Encoding, Promise<Uint8Array | undefined>>();
  const make = async (encoding: Encoding): Promise<Uint8Array | undefined> => {
    const ready = beside.get(path + SUFFIXES[encoding]) ?? (await compress(bytes, encoding));
    return ready.length < bytes.length ? ready : undefined;
  };
  return {
    bytes,
    mediaType,
    etag: `"${toHex(sha256Now(bytes)).slice(0, 32)}"`,
    isImmutable: path.split('/').includes('immutable'),
    compressed: async (encoding) => {
      if (!isWorthIt) return undefined;
      let result = made.get(encoding);
      if (result === undefined) made.set(encoding, (result = make(encoding)));
      return result;
    },
  };
}

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

function compress(bytes: Uint8Array, encoding: Encoding): Promise<Uint8Array> {
  if (encoding === 'gzip') return zip(bytes);
  return brotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } });
}
