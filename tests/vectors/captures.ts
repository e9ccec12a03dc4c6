/**
 * What the reference client asked the reference server over HTTP, and the answers, in the order
 * they were sent (`http/`). One public node, three users and its operator, who existed before the
 * recording; signed times, transaction ids and random keys are those of that day.
 */
import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';

/** One request and its answer. Bodies are hex; what was long is known by its hash alone. */
export interface Capture {
  readonly n: number;
  /** The operation it belongs to. */
  readonly label: string;
  readonly method: string;
  readonly path: string;
  /** Percent-decoded, in order of occurrence; a part without `=` has no value. */
  readonly query: readonly (readonly [name: string, value?: string])[];
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestBody: string | LongBody;
  /** null = the connection was dropped. */
  readonly status: number | null;
  readonly responseHeaders: Readonly<Record<string, string>>;
  /** The decoded text of the header `Trailer`. */
  readonly error?: string;
  readonly responseBody?: string | LongBody;
}

export interface LongBody {
  readonly length: number;
  readonly sha256: string;
  /** Of an upload. */
  readonly blocks?: readonly { readonly length: number; readonly sha256: string }[];
  readonly signatures?: readonly string[];
}

/** A call of the recorded sign-up and first sign-in; bodies are hex, `url` has no leading slash. */
export interface TracedCall {
  readonly n: number;
  readonly method: string;
  readonly url: string;
  readonly request: string;
  readonly response: string;
}

/** All captures in order. */
export function captures(): Capture[] {
  return unpacked('http/requests.jsonl.br')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Capture);
}

/** The golden trace of a sign-up and a first sign-in. */
export function tracedCalls(): TracedCall[] {
  return JSON.parse(unpacked('http/golden-trace.json.br')) as TracedCall[];
}

/** The node that was recorded. */
export function capturedNode(): { nodeHost: string; nodeId: string; defaultQuota: number } {
  const text = readFileSync(new URL('http/context.json', import.meta.url), 'utf8');
  return JSON.parse(text) as { nodeHost: string; nodeId: string; defaultQuota: number };
}

function unpacked(file: string): string {
  return brotliDecompressSync(readFileSync(new URL(file, import.meta.url))).toString('utf8');
}
