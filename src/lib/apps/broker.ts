/**
 * One running app's door to the drive (C-9 §9.4). It goes by the manifest it was made with, by what
 * the person chose, and by nothing that the app's document says of itself.
 *
 * Order of a request: limits, then the routes of the API, then what the person chose in the drive,
 * then the app's own files. Everything that goes wrong is an answer; the reason is told to the host,
 * for developers, and not to the app.
 */
import { kindOf, PyrgosError, utf8 } from '#lib/bytes/index.ts';
import { PathNotFound } from '#lib/drive/index.ts';
import {
  answer,
  bodyBytes,
  bodyOf,
  fileAnswer,
  methodRefused,
  sendable,
  wholeBody,
} from './answers.ts';
import { Assets } from './assets.ts';
import type { Route, RouteContext, RoutedRequest } from './context.ts';
import { needPermission } from './context.ts';
import { DataFolder } from './data-folder.ts';
import { AppRequestRefused } from './errors.ts';
import { typeOfFile } from './file-types.ts';
import { DEFAULT_LIMITS, Dialogs, HEADER_LINE_MAX_BYTES, RateLimit, TOO_MANY } from './limits.ts';
import { openPath, pathText, segmentsOf } from './paths.ts';
import { ROUTE_NAMES, ROUTE_PERMISSION, type RouteName } from './permissions.ts';
import { Reach } from './reach.ts';
import { chatRoute } from './routes/chat.ts';
import { dataRoute, formRoute } from './routes/data.ts';
import { fileRoute } from './routes/file.ts';
import { foldersRoute } from './routes/folders.ts';
import { installRoute } from './routes/install.ts';
import { mailboxRoute } from './routes/mailbox.ts';
import { pickRoute } from './routes/pick.ts';
import { printRoute } from './routes/print.ts';
import { profileRoute } from './routes/profile.ts';
import { saveRoute } from './routes/save.ts';
import { INDEX_FILE, siteFile } from './site-file.ts';
import type { AppLimits, AppRequest, AppResponse, Broker, BrokerOptions } from './types.ts';

const API = 'peergos-api';
const STORAGE_FILE = '.local-storage.json';
const STORAGE_MAX_BYTES = 5 * 1024 * 1024;
const METHOD = /^[A-Z]{1,16}$/u;
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

const ROUTES: Readonly<Record<RouteName, Route>> = {
  data: dataRoute,
  form: formRoute,
  save: saveRoute,
  'file-picker': pickRoute,
  folders: foldersRoute,
  print: printRoute,
  profile: profileRoute,
  'install-app': installRoute,
  chat: chatRoute,
  mailbox: mailboxRoute,
};

/** The broker of one frame. */
export function createBroker(options: BrokerOptions): Broker {
  return new AppBroker(options);
}

class AppBroker implements Broker {
  readonly #context: RouteContext;
  readonly #assets: Assets;
  readonly #limits: AppLimits;
  #running = 0;
  #isClosed = false;

  constructor(options: BrokerOptions) {
    const { drive, app, opened, clock, host, username = '' } = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    const { writeBurst, writesPerSecond } = this.#limits;
    this.#context = {
      drive,
      options,
      username,
      reach: new Reach(app, opened),
      dialogs: new Dialogs(host),
      writes: new RateLimit(writeBurst, writesPerSecond, clock),
      data: new DataFolder(drive, app, username, this.#limits),
    };
    this.#assets = new Assets(drive, app);
  }

  async startQuery(theme: string, signal?: AbortSignal): Promise<string> {
    const { options, drive, username } = this.#context;
    const { opened, app } = options;
    if (app.mode === 'browsing') return '';
    const told: [string, string][] = [];
    if (opened !== undefined) told.push(['path', pathText(opened.path)]);
    told.push(['theme', theme], ['username', username]);
    if (app.manifest.chatId !== '') told.push(['chatId', app.manifest.chatId]);
    if (opened !== undefined && app.manifest.permissions.includes('EDIT_CHOSEN_FILE')) {
      const item = await openPath(drive, opened.path, opened.path.length, signal);
      if (item.signer !== undefined) told.push(['isPathWritable', 'true']);
    }
    return `?${told.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
  }

  async handle(request: AppRequest, signal?: AbortSignal): Promise<AppResponse> {
    if (this.#isClosed) return this.#refused(request, 400, 'The app was closed.');
    if (this.#running >= this.#limits.requestsAtOnce) {
      return this.#refused(request, TOO_MANY, 'The app asks too much at once.');
    }
    this.#running += 1;
    try {
      this.#checkSize(request);
      return withoutBodyOfHead(request, await this.#route(request, signal));
    } catch (error) {
      if (signal?.aborted === true) throw error;
      return this.#failed(request, error);
    } finally {
      this.#running -= 1;
    }
  }

  list(signal?: AbortSignal) {
    return this.#assets.list(signal);
  }

  async readStorage(signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const { drive, data, options } = this.#context;
    if (!options.app.manifest.permissions.includes('STORE_APP_DATA')) return undefined;
    try {
      const path = [...data.path, STORAGE_FILE];
      const file = await openPath(drive, path, path.length, signal);
      const { sizeBytes } = file.properties;
      if (file.isDirectory || sizeBytes > STORAGE_MAX_BYTES) return undefined;
      return await wholeBody(bodyOf(drive, file, 0, sizeBytes), signal);
    } catch (error) {
      if (error instanceof PathNotFound) return undefined;
      throw error;
    }
  }

  async writeStorage(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    needPermission(this.#context, 'STORE_APP_DATA');
    this.#context.writes.take();
    if (bytes.length > STORAGE_MAX_BYTES) throw new AppRequestRefused('This is too much.', 413);
    await this.#context.data.put([STORAGE_FILE], bytes, signal);
  }

  refresh(): void {
    this.#assets.refresh();
  }

  close(): void {
    this.#isClosed = true;
    this.#context.dialogs.close();
  }

  #checkSize(request: AppRequest): void {
    if (!METHOD.test(request.method)) throw new AppRequestRefused('This is no method.');
    if (bodyBytes(request).length > this.#limits.bodyBytes) {
      throw new AppRequestRefused('The body is too large.', 413);
    }
    for (const [name, value] of request.headers) {
      if (name.length + value.length + 2 > HEADER_LINE_MAX_BYTES) {
        throw new AppRequestRefused('A header is too long.', 431);
      }
      if (utf8(`${name}: ${value}`).length > HEADER_LINE_MAX_BYTES) {
        throw new AppRequestRefused('A header is too long.', 431);
      }
    }
  }

  async #route(request: AppRequest, signal?: AbortSignal): Promise<AppResponse> {
    const { app } = this.#context.options;
    if (app.mode === 'browsing') return this.#page(request, signal);
    const names = segmentsOf(request.path);
    const params = new URLSearchParams(request.query);
    if (names[0] === API) {
      return this.#api(names.slice(1), { ...request, names: [], params }, signal);
    }
    const routed: RoutedRequest = { ...request, names, params };
    return (await fileRoute(this.#context, routed, signal)) ?? this.#asset(routed, signal);
  }

  async #api(
    [version, route, ...names]: readonly string[],
    request: RoutedRequest,
    signal?: AbortSignal,
  ): Promise<AppResponse> {
    const name = ROUTE_NAMES.find((one) => one === route);
    const isKnown = version === 'v0' || (version === 'v1' && name === 'chat');
    if (name === undefined || !isKnown) throw new AppRequestRefused('There is no such route.', 404);
    const permission = ROUTE_PERMISSION.get(name);
    if (permission !== undefined) needPermission(this.#context, permission);
    return ROUTES[name](this.#context, { ...request, names }, signal);
  }

  async #asset(request: RoutedRequest, signal?: AbortSignal): Promise<AppResponse> {
    if (!READS.has(request.method)) methodRefused(request);
    const isFolder = request.names.length === 0 || request.path.endsWith('/');
    const names = isFolder ? [...request.names, INDEX_FILE] : request.names;
    const file = await this.#assets.find(names, signal);
    const type = typeOfFile(file.name, file.properties.mimeType);
    return fileAnswer(this.#context.drive, file, type, request, signal);
  }

  /** Browsing mode: pages are read, and nothing else. */
  async #page(request: AppRequest, signal?: AbortSignal): Promise<AppResponse> {
    if (!READS.has(request.method)) methodRefused(request);
    const { drive, options } = this.#context;
    const { folder } = options.app;
    const root = await openPath(drive, folder, 1, signal);
    const file = await siteFile({ drive, root }, request.path, { signal });
    const headers: AppResponse['headers'] = [
      ['content-type', file.type],
      ['content-length', String(file.sizeBytes)],
      ...file.headers,
    ];
    return { status: file.status, headers, body: await sendable(file, signal) };
  }

  #failed(request: AppRequest, error: unknown): AppResponse {
    if (error instanceof AppRequestRefused) {
      return this.#refused(request, error.status, error.message);
    }
    const status = kindOf(error) === 'not-found' ? 404 : 400;
    const reason = error instanceof PyrgosError ? error.message : String(error);
    return this.#refused(request, status, reason);
  }

  #refused({ method, path }: AppRequest, status: number, reason: string): AppResponse {
    this.#context.options.host.note({ method, path, status, reason });
    return answer(status);
  }
}

function withoutBodyOfHead({ method }: AppRequest, response: AppResponse): AppResponse {
  return method === 'HEAD' ? { ...response, body: new Uint8Array() } : response;
}
