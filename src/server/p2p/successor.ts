/** Asking a node whether another one took its place (`ipns/get`, B-1 §2.1, B-2 §7). Hostile answers. */
import { fromHex } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { knownSuccessor, openSuccession, PATHS } from '#lib/protocol/index.ts';

const TIMEOUT_MS = 10_000;
const MAX_UNITS = 16_384;

/** A way to one node. */
export interface Way {
  readonly origin: string;
  readonly fetch: (request: Request) => Promise<Response>;
  /** Other senders know nothing but POST (B-1 §3.2). */
  readonly readsArePosts: boolean;
}

/** `undefined` where it names none, does not answer, or is not believed. */
export async function successorOf(nodeId: Cid, way: Way | undefined): Promise<Cid | undefined> {
  const known = knownSuccessor(nodeId);
  if (known !== undefined || way === undefined) return known;
  try {
    const url = `${way.origin}/${PATHS.ipnsGet}?arg=${nodeId.toPeerId()}`;
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await way.fetch(
      new Request(url, { method: 'POST', redirect: 'manual', signal }),
    );
    const { sig, data } = recordIn(answer.status === 200 ? await shortText(answer) : '');
    return await openSuccession(nodeId, fromHex(data), fromHex(sig));
  } catch {
    return undefined;
  }
}

async function shortText({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of body ?? []) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > MAX_UNITS) throw new RangeError('The record of a node is too long.');
  }
  return text;
}

function recordIn(text: string): { readonly sig: string; readonly data: string } {
  const value: unknown = JSON.parse(text);
  if (typeof value === 'object' && value !== null && 'sig' in value && 'data' in value) {
    const { sig, data } = value;
    if (typeof sig === 'string' && typeof data === 'string') return { sig, data };
  }
  throw new TypeError('The record of a node is none.');
}
