/** Paths of the drive (C-9 §9.4): the opened file, and what the person chose in this run. */
import { FileChangedMeanwhile, bytesSource, type Handle } from '#lib/drive/index.ts';
import { answer, bodyBytes, methodRefused } from '../answers.ts';
import type { RouteContext, RoutedRequest } from '../context.ts';
import { AppRequestRefused } from '../errors.ts';
import { openPath } from '../paths.ts';
import type { Grant } from '../reach.ts';
import type { AppResponse, DrivePath } from '../types.ts';
import { itemAnswer } from './data.ts';
import { storeIn } from './save.ts';

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** Answers for a path of the drive; undefined if the person chose nothing there. */
export async function fileRoute(
  context: RouteContext,
  request: RoutedRequest,
  signal?: AbortSignal,
): Promise<AppResponse | undefined> {
  const path = request.names;
  const toRead = context.reach.grantFor(path, false);
  if (toRead === undefined) return undefined;
  if (READS.has(request.method)) return read(context, request, toRead, signal);
  const mayWrite = context.reach.grantFor(path, true) !== undefined;
  // Wikis that are one page ask so before they save themselves by PUT.
  if (request.method === 'OPTIONS' && mayWrite) return answer(200, [['dav', '0']]);
  if (request.method !== 'PUT' && request.method !== 'POST') methodRefused(request);
  if (!mayWrite) {
    throw new AppRequestRefused('The app may read this file, and not change it.');
  }
  return write(context, request, signal);
}

async function read(
  { drive, reach }: RouteContext,
  request: RoutedRequest,
  grant: Grant,
  signal?: AbortSignal,
): Promise<AppResponse> {
  const path = request.names;
  const found = await openPath(drive, path, grant.path.length, signal);
  const response = await itemAnswer(drive, found, request, signal);
  if (!found.isDirectory) reach.learn(path, found);
  return response;
}

/** Replaces the content, if the file is still as the app read it. */
async function write(
  context: RouteContext,
  request: RoutedRequest,
  signal?: AbortSignal,
): Promise<AppResponse> {
  const { drive, reach, writes, options } = context;
  const path = request.names;
  writes.take();
  const known = reach.known(path);
  const file = known ?? (await openPath(drive, path, path.length, signal));
  if (file.isDirectory) throw new AppRequestRefused('This is a folder.');
  const source = bytesSource(bodyBytes(request));
  try {
    const written = await drive.replaceContent(file, source, {
      ...(known ? { unchangedSince: known } : {}),
      ...(signal ? { signal } : {}),
    });
    reach.learn(path, written);
  } catch (error) {
    if (!(error instanceof FileChangedMeanwhile)) throw error;
    await offerCopy(context, path, file, bodyBytes(request), signal);
    throw error;
  }
  options.host.changed?.(path.slice(0, -1), path.slice(-1));
  return answer(200);
}

/** The app's version as a copy beside the file, if the person wants it. */
async function offerCopy(
  context: RouteContext,
  path: DrivePath,
  file: Handle,
  bytes: Uint8Array,
  signal?: AbortSignal,
): Promise<void> {
  const ask = { needsClick: false };
  const isWanted = await context.dialogs.ask((host) => host.askSaveCopy({ path }), ask);
  if (!isWanted) return;
  const above = path.slice(0, -1);
  const folder = await openPath(context.drive, above, above.length, signal);
  await storeIn(context, folder, above, file.name, bytes, false, signal);
}
