/** `/data/` and `/form/` (C-9 §9.4): the app's own files. */
import { PyrgosError, toHex, utf8 } from '#lib/bytes/index.ts';
import { PathNotFound, type Drive, type Handle } from '#lib/drive/index.ts';
import {
  answer,
  bodyBytes,
  fileAnswer,
  headerOf,
  jsonAnswer,
  methodRefused,
  textAnswer,
} from '../answers.ts';
import type { Route, RouteContext, RoutedRequest } from '../context.ts';
import { AppRequestRefused } from '../errors.ts';
import { typeOfFile } from '../file-types.ts';
import { formFields } from '../form-fields.ts';
import { encodePath, isHiddenName, refuseHidden } from '../paths.ts';
import type { AppResponse } from '../types.ts';

const NAMES_MAX = 10_000;

export const dataRoute: Route = async (context, request, signal) => {
  refuseHidden(request.names);
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return read(context, request, signal);
    case 'POST':
      return create(context, request, signal);
    case 'PUT':
      return put(context, request, signal);
    case 'PATCH':
      return append(context, request, signal);
    case 'DELETE':
      return remove(context, request, signal);
    default:
      return methodRefused(request);
  }
};

/** A form of HTML, stored as JSON at exactly its path. */
export const formRoute: Route = async (context, request, signal) => {
  refuseHidden(request.names);
  if (request.method !== 'POST') methodRefused(request);
  context.writes.take();
  const json = utf8(JSON.stringify(Object.fromEntries(formFields(request))));
  const outcome = await context.data.put(request.names, json, signal);
  if (outcome === 'folder') throw new AppRequestRefused('A folder has this name.');
  told(context, request.names);
  return answer(200);
};

async function read(
  { data, drive }: RouteContext,
  request: RoutedRequest,
  signal?: AbortSignal,
): Promise<AppResponse> {
  const found = await data.open(request.names, signal).catch((error: unknown) => {
    // The folder itself is there for every app that may store data.
    if (error instanceof PathNotFound && request.names.length === 0) return undefined;
    throw error;
  });
  if (found === undefined) return jsonAnswer({ files: [], subFolders: [] });
  return itemAnswer(drive, found, request, signal);
}

/** A file; a folder as JSON of its names; with `?preview=true` the small picture as data URL. */
export async function itemAnswer(
  drive: Drive,
  found: Handle,
  request: RoutedRequest,
  signal?: AbortSignal,
): Promise<AppResponse> {
  if (found.isDirectory) return jsonAnswer(await namesIn(drive, found, signal));
  if (request.params.get('preview') === 'true') return previewAnswer(found);
  const type = typeOfFile(found.name, found.properties.mimeType);
  return fileAnswer(drive, found, type, request, signal);
}

function previewAnswer({ properties: { thumbnail } }: Handle): AppResponse {
  if (thumbnail === undefined) throw new AppRequestRefused('The file has no small picture.', 404);
  return textAnswer(200, dataUrl(thumbnail.mimeType, thumbnail.bytes));
}

/** `data:` with a type of a picture; any other type becomes that of no picture. */
export function dataUrl(mimeType: string, bytes: Uint8Array): string {
  const type = /^image\/[a-z0-9.+-]{1,40}$/u.test(mimeType) ? mimeType : 'image/png';
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return `data:${type};base64,${btoa(binary)}`;
}

/** Names of a folder, without hidden ones. */
async function namesIn(
  drive: Drive,
  folder: Handle,
  signal?: AbortSignal,
): Promise<{ files: string[]; subFolders: string[] }> {
  const files: string[] = [];
  const subFolders: string[] = [];
  for await (const rows of drive.list(folder, signal ? { signal } : {})) {
    const shown = rows.filter(
      ({ name, unreadable }) => unreadable === undefined && !isHiddenName(name),
    );
    const handles = await drive.openMany(folder, shown, signal);
    for (const found of handles) {
      if (found instanceof PyrgosError || found.properties.isHidden) continue;
      (found.isDirectory ? subFolders : files).push(found.name);
    }
    if (files.length + subFolders.length > NAMES_MAX) {
      throw new AppRequestRefused('The folder has too many entries.');
    }
  }
  return { files, subFolders };
}

/** A new file in a folder, with a name of ours. */
async function create(
  context: RouteContext,
  request: RoutedRequest,
  signal?: AbortSignal,
): Promise<AppResponse> {
  context.writes.take();
  const path = [...request.names, uuid(context)];
  await context.data.put(path, bodyBytes(request), signal);
  told(context, path);
  return answer(201, [['location', encodePath(path)]]);
}

async function put(
  context: RouteContext,
  request: RoutedRequest,
  signal?: AbortSignal,
): Promise<AppResponse> {
  if (request.names.length === 0) return create(context, request, signal);
  context.writes.take();
  const outcome = await context.data.put(request.names, bodyBytes(request), signal);
  if (outcome === 'folder') return create(context, request, signal);
  told(context, request.names);
  if (outcome === 'replaced') return answer(200);
  return answer(201, [['location', encodePath(request.names)]]);
}

async function append(
  context: RouteContext,
  request: RoutedRequest,
  signal?: AbortSignal,
): Promise<AppResponse> {
  if (headerOf(request, 'x-update-range')?.trim() !== 'append') {
    throw new AppRequestRefused('PATCH needs the header X-Update-Range: append.');
  }
  context.writes.take();
  await context.data.append(request.names, bodyBytes(request), signal);
  told(context, request.names);
  return answer(204, [['content-location', encodePath(request.names)]]);
}

async function remove(
  context: RouteContext,
  request: RoutedRequest,
  signal?: AbortSignal,
): Promise<AppResponse> {
  context.writes.take();
  await context.data.remove(request.names, signal);
  told(context, request.names);
  return answer(204);
}

function told({ data, options }: RouteContext, names: readonly string[]): void {
  options.host.changed?.([...data.path, ...names.slice(0, -1)], names.slice(-1));
}

/** A random UUID, version 4 (RFC 9562 §5.4). */
function uuid({ options }: RouteContext): string {
  const bytes = options.random(16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = toHex(bytes);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return [...parts, hex.slice(20)].join('-');
}
