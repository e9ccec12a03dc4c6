/** Answers to requests of apps: statuses and headers of C-9 §9.4. */
import { toHex, utf8 } from '#lib/bytes/index.ts';
import { FileChangedWhileReading, type Drive, type Handle } from '#lib/drive/index.ts';
import { AppRequestRefused } from './errors.ts';
import type { AppBody, AppRequest, AppResponse } from './types.ts';

/** Up to here a body is sent whole: one chunk. */
const WHOLE_BODY_BYTES = 5 * 1024 * 1024;
const NOTHING = new Uint8Array();

export type Headers = AppResponse['headers'];

export function answer(
  status: number,
  headers: Headers = [],
  body: Uint8Array = NOTHING,
): AppResponse {
  return { status, headers: [...headers, ['content-length', String(body.length)]], body };
}

export function jsonAnswer(value: unknown): AppResponse {
  return answer(200, [['content-type', 'application/json']], utf8(JSON.stringify(value)));
}

export function textAnswer(status: number, text: string): AppResponse {
  return answer(status, [['content-type', 'text/plain;charset=utf-8']], utf8(text));
}

/** A header of a request; the first of its name. */
export function headerOf({ headers }: AppRequest, name: string): string | undefined {
  return headers.find(([key]) => key.toLowerCase() === name)?.[1];
}

/** The tree hash of the content in quotes, if it is known (C-9 §9.2). */
export function etagOf({ properties }: Handle): Headers {
  const { hashBranch } = properties;
  return hashBranch === undefined ? [] : [['etag', `"${toHex(hashBranch.root)}"`]];
}

/** A file, or the range of it that is asked for. `type` has to be fit for a header. */
export async function fileAnswer(
  drive: Drive,
  file: Handle,
  type: string,
  request: AppRequest,
  signal?: AbortSignal,
): Promise<AppResponse> {
  const { sizeBytes } = file.properties;
  const range = rangeOf(headerOf(request, 'range'), sizeBytes);
  if (range === 'outside') {
    return answer(416, [['content-range', `bytes */${String(sizeBytes)}`]]);
  }
  const [start, end] = range ?? [0, sizeBytes];
  const headers: Headers = [
    ['content-type', type],
    ['content-length', String(end - start)],
    ['accept-ranges', 'bytes'],
    ...etagOf(file),
    ...(range === undefined
      ? []
      : [
          [
            'content-range',
            `bytes ${String(start)}-${String(end - 1)}/${String(sizeBytes)}`,
          ] as const,
        ]),
  ];
  const status = range === undefined ? 200 : 206;
  if (request.method === 'HEAD') return { status, headers, body: NOTHING };
  return { status, headers, body: await sendable(bodyOf(drive, file, start, end), signal) };
}

/** The body as an answer carries it: whole, unless it is large. */
export async function sendable(body: AppBody, signal?: AbortSignal): Promise<AppResponse['body']> {
  return body.sizeBytes > WHOLE_BODY_BYTES ? body : wholeBody(body, signal);
}

/** Bytes [start, end) of a file as a body. */
export function bodyOf(drive: Drive, file: Handle, start: number, end: number): AppBody {
  return {
    sizeBytes: end - start,
    async *read(from = 0, to = end - start, signal) {
      const first = start + Math.max(0, from);
      const last = Math.min(end, start + to);
      let left = Math.max(0, last - first);
      if (left === 0) return;
      for await (const piece of drive.read(file, first, last, signal)) {
        left -= piece.length;
        yield piece;
      }
      // The drive reads the file as it is now, which may be shorter than it was.
      if (left > 0) throw new FileChangedWhileReading();
    },
  };
}

/** All bytes of a body. @throws what reading throws */
export async function wholeBody(body: AppBody, signal?: AbortSignal): Promise<Uint8Array> {
  const whole = new Uint8Array(body.sizeBytes);
  let at = 0;
  for await (const piece of body.read(0, undefined, signal)) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/**
 * The one range of a `Range` header as [start, end); undefined where there is none, or one that has
 * to be ignored (RFC 9110 §14.2).
 */
export function rangeOf(
  header: string | undefined,
  sizeBytes: number,
): readonly [number, number] | 'outside' | undefined {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/iu.exec(header?.replaceAll(' ', '') ?? '');
  if (found === null) return undefined;
  const [, first = '', last = ''] = found;
  if (first === '') {
    if (last === '') return undefined;
    const length = Math.min(Number(last), sizeBytes);
    return length === 0 ? 'outside' : [sizeBytes - length, sizeBytes];
  }
  const start = Number(first);
  const end = last === '' ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  if (last !== '' && Number(last) < start) return undefined;
  return start >= sizeBytes ? 'outside' : [start, end];
}

/** The body of a request that needs one. */
export function bodyBytes({ body }: AppRequest): Uint8Array {
  return body ?? NOTHING;
}

/** @throws AppRequestRefused for a method that the route does not have */
export function methodRefused({ method }: AppRequest): never {
  throw new AppRequestRefused(`This route takes no ${method}.`);
}
