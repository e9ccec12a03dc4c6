/**
 * Requests to an S3-compatible service: addressed, signed (Signature Version 4), repeated while that
 * can help, and their errors in words. No message holds a key of either kind.
 */
import { AwsV4Signer } from 'aws4fetch';
import { concat, toHex, parseUrl } from '#lib/bytes/index.ts';
import { CODEC } from '#lib/codec/index.ts';
import { hashBlock } from '#lib/crypto/index.ts';
import { StoreFull, StoreUnavailable } from '../types.ts';
import { childText, parseXml } from './s3-xml.ts';

export interface S3Options {
  /** The service's address, `https://s3.eu-central-1.amazonaws.com` or `http://127.0.0.1:9000`. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** With credentials that expire. */
  readonly sessionToken?: string;
  /** The bucket as the first part of the path, or of the host's name. */
  readonly addressing?: 'path' | 'virtual-host';
  readonly fetch?: typeof fetch;
  readonly clock?: () => number;
  /** Between 0 and 1: spreads repeated requests in time. */
  readonly random?: () => number;
  /** For each try. */
  readonly timeoutMs?: number;
  /** How often a request is sent before it has failed. */
  readonly tries?: number;
}

export interface S3Request {
  readonly method: 'GET' | 'PUT' | 'HEAD' | 'DELETE' | 'POST';
  /** In the bucket; empty for the bucket itself. Of characters that need no escape. */
  readonly object: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Answers below 500 that are no failure, beside success. */
  readonly accepts?: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

/** An answer with its whole body. */
export interface S3Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

const TIMEOUT_MS = 60_000;
const TRIES = 6;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;
/** A list of 1,000 keys of the greatest length is smaller. */
const ANSWER_MAX_BYTES = 16 * 1024 * 1024;

/** Of no body at all. */
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export class S3Requests {
  readonly options: S3Options;
  /** Where the bucket's objects are, with a slash at the end. */
  readonly bucketUrl: string;
  readonly #keyCache = new Map<string, ArrayBuffer>();

  /** Throws a `RangeError` for an address or a bucket that cannot be one. */
  constructor(options: S3Options) {
    this.options = options;
    this.bucketUrl = bucketUrlOf(options);
  }

  /** Sends a request until it succeeds. Throws {@link StoreUnavailable}, {@link StoreFull}. */
  async send(request: S3Request): Promise<S3Answer> {
    const { random = Math.random, tries = TRIES } = this.options;
    for (let failed = 0; ;) {
      const outcome = await this.#try(request);
      if (outcome instanceof Error) request.signal?.throwIfAborted();
      else if (isFine(outcome, request)) return outcome;
      failed++;
      const error = outcome instanceof Error ? outcome : errorOf(outcome);
      if (failed >= tries || (!(outcome instanceof Error) && !isPassing(outcome))) throw error;
      const limitMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failed);
      await pause(limitMs * (0.5 + random() / 2), request.signal);
    }
  }

  /** What a request to be signed in its headers or its query needs; the time is now. */
  signer(request: {
    readonly method: string;
    readonly url: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly signQuery?: boolean;
    /** Signs also the headers that a proxy may change. */
    readonly allHeaders?: boolean;
  }): AwsV4Signer {
    const { region, accessKeyId, secretAccessKey, sessionToken, clock = Date.now } = this.options;
    return new AwsV4Signer({
      ...request,
      service: 's3',
      region,
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
      cache: this.#keyCache,
      datetime: new Date(clock()).toISOString().replace(/[:-]|\.\d{3}/g, ''),
    });
  }

  urlOf(object: string, query: Readonly<Record<string, string>> = {}): string {
    const search = new URLSearchParams(query).toString();
    return this.bucketUrl + object + (search === '' ? '' : `?${search}`);
  }

  /** One try. An answer of any kind, or the error that prevented one. */
  async #try(request: S3Request): Promise<S3Answer | StoreUnavailable> {
    const { method, object, query, headers, body, signal } = request;
    const signed = await this.signer({
      method,
      url: this.urlOf(object, query),
      headers: { ...headers, 'x-amz-content-sha256': await sha256Hex(body) },
    }).sign();
    const timeout = AbortSignal.timeout(this.options.timeoutMs ?? TIMEOUT_MS);
    try {
      const response = await (this.options.fetch ?? fetch)(signed.url, {
        method,
        headers: signed.headers,
        body: (body ?? null) as Uint8Array<ArrayBuffer> | null,
        redirect: 'manual',
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
      return {
        status: response.status,
        headers: response.headers,
        body: await wholeBody(response, method),
      };
    } catch (cause) {
      if (cause instanceof StoreUnavailable) return cause;
      const reason = timeout.aborted ? 'did not answer in time' : 'could not be reached';
      return new StoreUnavailable(`The object store ${reason}.`, { cause });
    }
  }
}

/** The body, which is as long as was announced. */
async function wholeBody(response: Response, method: string): Promise<Uint8Array> {
  const announced = response.headers.get('content-length');
  if (method === 'HEAD') return new Uint8Array();
  if (Number(announced ?? 0) > ANSWER_MAX_BYTES) throw tooLong();
  if (announced !== null) {
    const body = new Uint8Array(await response.arrayBuffer());
    const isEncoded = response.headers.get('content-encoding') !== null;
    if (isEncoded || Number(announced) === body.length) return body;
    throw new StoreUnavailable('An answer of the object store was cut off.');
  }
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    parts.push(part);
    length += part.length;
    if (length > ANSWER_MAX_BYTES) throw tooLong();
  }
  return concat(...parts);
}

function tooLong(): StoreUnavailable {
  return new StoreUnavailable('An answer of the object store is larger than any block.');
}

function isFine({ status }: S3Answer, { accepts = [] }: S3Request): boolean {
  return (status >= 200 && status < 300) || accepts.includes(status);
}

/** Codes below 500 that pass. */
const PASSING = new Set([
  'RequestTimeout',
  'OperationAborted',
  'ConditionalRequestConflict',
  'SlowDown',
  'TooManyRequests',
]);

function isPassing(answer: S3Answer): boolean {
  if (answer.status === 501 || answer.status === 507) return false;
  if (answer.status >= 500 || answer.status === 429 || answer.status === 408) return true;
  return PASSING.has(codeOf(answer) ?? '');
}

const REASONS = new Map([
  ['AccessDenied', 'does not let these credentials do this'],
  ['InvalidAccessKeyId', 'does not know the access key'],
  ['XAdminUserNotFound', 'does not know the access key'],
  ['SignatureDoesNotMatch', 'refuses the signature: is the secret key right?'],
  ['NoSuchBucket', 'has no such bucket'],
  ['RequestTimeTooSkewed', "has another time: is this machine's clock right?"],
  ['AuthorizationHeaderMalformed', 'refuses the signature: is the region right?'],
  ['PermanentRedirect', 'is at another address: is the region right?'],
  ['SlowDown', 'asks for fewer requests'],
]);

const FULL = new Set(['QuotaExceeded', 'XMinioStorageFull', 'InsufficientCapacity', 'StorageFull']);

/** What a refusal says, in words. */
export function errorOf(answer: S3Answer): StoreFull | StoreUnavailable {
  const code = codeOf(answer);
  if (answer.status === 507 || FULL.has(code ?? '')) return new StoreFull();
  const told = /^[A-Za-z0-9]{1,64}$/.test(code ?? '') ? `, ${code ?? ''}` : '';
  const reason = REASONS.get(code ?? '') ?? 'refused a request';
  return new StoreUnavailable(`The object store ${reason} (${String(answer.status)}${told}).`);
}

/** The service's name for what was wrong. */
export function codeOf({ body }: S3Answer): string | undefined {
  if (body.length === 0) return undefined;
  try {
    const element = parseXml(new TextDecoder().decode(body));
    return element.name === 'Error' ? childText(element, 'Code') : undefined;
  } catch {
    return undefined; // a page of some proxy
  }
}

/** The hash that is signed for a body. */
async function sha256Hex(body: Uint8Array | undefined): Promise<string> {
  return body === undefined ? EMPTY_SHA256 : toHex((await hashBlock(body, CODEC.raw)).digest);
}

function bucketUrlOf({ endpoint, bucket, addressing = 'path' }: S3Options): string {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw new RangeError('A bucket has a name of 3 to 63 lower-case letters, digits, "." and "-".');
  }
  const url = parseUrl(endpoint);
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new RangeError('The address of the object store must begin with https:// or http://.');
  }
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    throw new RangeError('The address of the object store has parts that it may not have.');
  }
  const path = url.pathname.replace(/\/*$/, '/');
  return addressing === 'path'
    ? `${url.origin}${path}${bucket}/`
    : `${url.protocol}//${bucket}.${url.host}${path}`;
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      signal?.removeEventListener('abort', stop);
      resolve();
    }
    function stop(): void {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    }
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted === true) stop();
  });
}
