/**
 * Files of a website that lies in a folder (C-9 §9.10): the rules that the HTML viewer and a gateway
 * share. A folder stands for its `index.html`; what is missing for the site's `404.html`.
 */
import { fromUtf8, PyrgosError } from '#lib/bytes/index.ts';
import { PathNotFound, type Drive, type Handle } from '#lib/drive/index.ts';
import { bodyOf, etagOf, wholeBody, type Headers } from './answers.ts';
import { cleanType, siteTypeByName } from './file-types.ts';
import { isJsonObject, parseJson } from './json.ts';
import { segmentsOf, walk } from './paths.ts';
import { AppRequestRefused } from './errors.ts';
import type { AppBody, DrivePath } from './types.ts';

export const INDEX_FILE = 'index.html';
const NOT_FOUND_FILE = '404.html';
const HEADERS_FILE = 'headers.json';
const HEADERS_MAX_BYTES = 1024;
export const DEFAULT_SITE_POLICY = "default-src 'self'";
const POLICY = /^[\u0020-\u007e]{1,1000}$/u;
const DOCTYPE = '<!doctype html>';

/** A website: any drive, also a guest's, and the folder that is its root. */
export interface Site {
  readonly drive: Drive;
  readonly root: Handle;
}

/** What a website answers; the body can be read by ranges, although a gateway offers none. */
export interface SiteFile extends AppBody {
  readonly status: 200 | 404;
  readonly type: string;
  /** Its path below the root, which relative links are meant from; the site's 404 page keeps the asked one. */
  readonly path: DrivePath;
  /** `etag`, if the content's hash is known. */
  readonly headers: Headers;
}

export interface SiteFileOptions {
  /** A gateway serves hidden files by their names, the HTML viewer refuses them. */
  readonly servesHidden?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The file for the path of a URL (percent-encoded, below the root). A path that no file can have is
 * one that is not there. @throws what the node fails with, and what is damaged
 */
export async function siteFile(
  site: Site,
  urlPath: string,
  { servesHidden = false, signal }: SiteFileOptions = {},
): Promise<SiteFile> {
  const visibleFrom = servesHidden ? Infinity : 0;
  let names: DrivePath = [];
  try {
    names = segmentsOf(urlPath);
    return await fileAt(site, names, 200, visibleFrom, signal);
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
  try {
    const page = await fileAt(site, [NOT_FOUND_FILE], 404, visibleFrom, signal);
    return { ...page, path: names };
  } catch (error) {
    if (!isAbsent(error)) throw error;
    return { ...NOTHING_THERE, path: names };
  }
}

/**
 * The content security policy that a site asks for in `headers.json`, else the default one. A file
 * that is too large, or says it in no proper way, says nothing.
 */
export async function sitePolicy({ drive, root }: Site, signal?: AbortSignal): Promise<string> {
  try {
    const file = await walk(drive, root, [HEADERS_FILE], Infinity, signal);
    const { sizeBytes } = file.properties;
    if (file.isDirectory || sizeBytes > HEADERS_MAX_BYTES) return DEFAULT_SITE_POLICY;
    const json = parseJson(fromUtf8(await wholeBody(bodyOf(drive, file, 0, sizeBytes), signal)));
    const policy = isJsonObject(json) ? json.get('content-security-policy') : undefined;
    return typeof policy === 'string' && POLICY.test(policy) ? policy : DEFAULT_SITE_POLICY;
  } catch (error) {
    const isNoPolicy =
      isAbsent(error) || (error instanceof PyrgosError && error.kind === 'invalid');
    if (!isNoPolicy) throw error;
    return DEFAULT_SITE_POLICY;
  }
}

const NOTHING_THERE: Omit<SiteFile, 'path'> = {
  status: 404,
  type: 'text/plain',
  headers: [],
  sizeBytes: 0,

  async *read() {},
};

async function fileAt(
  { drive, root }: Site,
  names: DrivePath,
  status: 200 | 404,
  visibleFrom: number,
  signal?: AbortSignal,
): Promise<SiteFile> {
  let path = names;
  let file = await walk(drive, root, names, visibleFrom, signal);
  if (file.isDirectory) {
    path = [...names, INDEX_FILE];
    file = await walk(drive, file, [INDEX_FILE], 0, signal);
  }
  if (file.isDirectory) throw new PathNotFound(path);
  const { sizeBytes } = file.properties;
  const type = siteTypeByName(file.name) ?? (await typeByContent(drive, file, signal));
  return { status, type, path, headers: etagOf(file), ...bodyOf(drive, file, 0, sizeBytes) };
}

async function typeByContent(drive: Drive, file: Handle, signal?: AbortSignal): Promise<string> {
  const length = Math.min(DOCTYPE.length, file.properties.sizeBytes);
  const start = await wholeBody(bodyOf(drive, file, 0, length), signal);
  const isPage = String.fromCharCode(...start).toLowerCase() === DOCTYPE;
  return isPage ? 'text/html' : cleanType(file.properties.mimeType);
}

function isAbsent(error: unknown): boolean {
  if (error instanceof AppRequestRefused) return true;
  return error instanceof PyrgosError && error.kind === 'not-found';
}
