/**
 * `fetch` of an app: its files, the API, its own `blob:` and `data:` addresses. The policy lets the
 * browser's own one reach nothing.
 */
import type { Addresses } from '../address.ts';
import type { EngineLink } from '../engine-link.ts';
import type { Files } from '../files.ts';
import { jsonOfForm } from '../form-json.ts';
import { blobs } from '../natives.ts';

const WITHOUT_BODY = new Set([101, 204, 205, 304]);
const NOT_FOUND = 404;
const LARGE_BYTES = 1024 * 1024;

/** `given`: the body as the app gave it, where the request has none. */
export type AppFetch = (
  request: Request,
  given?: FormData | Uint8Array<ArrayBuffer>,
) => Promise<Response>;

interface FetchDeps {
  readonly link: EngineLink;
  readonly files: Files;
  readonly addresses: Addresses;
  /** A request that writes was answered well. */
  readonly onWritten: () => void;
}

export function makeFetch({ link, files, addresses, onWritten }: FetchDeps): AppFetch {
  return async (request, given) => {
    const { url, method, signal } = request;
    if (url.startsWith('data:')) return respond(url, 200, [], decodeData(url));
    if (url.startsWith('blob:')) {
      const blob = blobs.get(url.split('#')[0]!);
      if (blob === undefined) throw new TypeError('Failed to fetch');
      return respond(url, 200, [['content-type', blob.type]], blob);
    }
    const place = addresses.placeOf(url);
    const reads = method === 'GET' || method === 'HEAD';
    if (place === undefined || (reads && files.isAbsent(place))) return respond(url, NOT_FOUND);
    const headers = [...request.headers];
    let body: Uint8Array | undefined;
    if (given instanceof Uint8Array) body = given;
    else if (!reads) body = new Uint8Array(await request.arrayBuffer());
    const json = given instanceof FormData ? jsonOfForm(given) : undefined;
    if (json !== undefined) {
      body = new TextEncoder().encode(json);
      headers.push(['content-type', 'application/json']);
    }
    const usable = json === undefined ? headers : withoutFormType(headers);
    const { path, query } = place;
    const answer = await link
      .request({ method, path, query, headers: usable, body }, signal)
      .catch((error: unknown) => {
        if (signal.aborted) throw signal.reason as Error;
        throw new TypeError('Failed to fetch', { cause: error });
      });
    if (!reads && method !== 'OPTIONS' && answer.status < 300) onWritten();
    return respond(url, answer.status, answer.headers, answer.body.content());
  };
}

export function installFetch(appFetch: AppFetch): void {
  const fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const body = init?.body;
    if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) {
      const { body: _bytes, ...rest } = init ?? {};
      const request = new Request(input, rest);
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        return appFetch(request, copyOf(body));
      }
    }
    return appFetch(new Request(input, init), body instanceof FormData ? body : undefined);
  };
  Object.defineProperty(globalThis, 'fetch', { value: fetch, writable: true, configurable: true });
}

/** What the app does with its bytes afterwards is not what it sent. */
function copyOf(body: ArrayBuffer | ArrayBufferView): Uint8Array<ArrayBuffer> {
  const bytes =
    body instanceof ArrayBuffer
      ? new Uint8Array(body)
      : new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  return bytes.slice();
}

function withoutFormType(headers: [string, string][]): [string, string][] {
  return headers.filter(([name, value]) => name !== 'content-type' || !/^multipart/.test(value));
}

function respond(
  url: string,
  status: number,
  headers: readonly (readonly [string, string])[] = [],
  body: Blob | Uint8Array<ArrayBuffer> | undefined = undefined,
): Response {
  const known = new Headers();
  for (const [name, value] of headers) known.append(name, value);
  const content = WITHOUT_BODY.has(status) ? null : (body ?? null);
  const response = new Response(content, { status, statusText: reasonOf(status), headers: known });
  Object.defineProperty(response, 'url', { value: url.split('#')[0] });
  if (content instanceof Uint8Array && content.length > LARGE_BYTES) giveBuffer(response, content);
  return response;
}

/** `arrayBuffer()` gives the bytes as they are; the browser's own copies them several times. */
function giveBuffer(response: Response, { buffer }: Uint8Array<ArrayBuffer>): void {
  const { arrayBuffer } = response;
  const value = async (): Promise<ArrayBuffer> => {
    if (response.bodyUsed || response.body?.locked !== false) return arrayBuffer.call(response);
    await response.body.cancel(); // it is used up now
    return buffer;
  };
  Object.defineProperty(response, 'arrayBuffer', { value });
}

function reasonOf(status: number): string {
  return (
    new Map([
      [200, 'OK'],
      [201, 'Created'],
      [204, 'No Content'],
      [400, 'Bad Request'],
      [NOT_FOUND, 'Not Found'],
    ]).get(status) ?? ''
  );
}

/** What a `data:` address holds (RFC 2397, as far as apps use it). */
function decodeData(url: string): Blob {
  const comma = url.indexOf(',');
  if (comma < 0) throw new TypeError('Failed to fetch');
  const head = url.slice('data:'.length, comma);
  const text = decodeURIComponent(url.slice(comma + 1).split('#')[0]!);
  const type = head.replace(/;\s*base64\s*$/i, '') || 'text/plain;charset=US-ASCII';
  if (type === head || head === '') return new Blob([text], { type });
  const bytes = Uint8Array.from(atob(text.replaceAll(/\s/g, '')), (c) => c.charCodeAt(0));
  return new Blob([bytes], { type });
}
