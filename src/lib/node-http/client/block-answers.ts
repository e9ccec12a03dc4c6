/** What a node says of its object store, read from its answers (B-1 §2.1, B-6 §7). */
import { asBoolean, asList, asMap, asText, field, optional } from '#lib/codec/index.ts';
import type { CborMap, CborValue } from '#lib/codec/index.ts';
import type { BlockStoreProperties, DirectRequest } from '#lib/node/index.ts';
import { MalformedAnswer } from '#lib/protocol/index.ts';
import { readCbor } from './parse-response.ts';

/** The block store's properties (B-6 §7). */
export function propertiesOf(map: CborMap, what: string): BlockStoreProperties {
  const url = (key: string): string | undefined => {
    const value = optional(map, key);
    return value === undefined ? undefined : asText(value, what);
  };
  const [publicReadUrl, objectStoreUrl] = [url('b'), url('ba')];
  return {
    directWrites: asBoolean(field(map, 'w', what), what),
    publicReads: asBoolean(field(map, 'pr', what), what),
    authorisedReads: asBoolean(field(map, 'ar', what), what),
    ...(publicReadUrl === undefined ? {} : { publicReadUrl }),
    ...(objectStoreUrl === undefined ? {} : { objectStoreUrl }),
  };
}

/** The authorised requests, one for each of `count` blocks. */
export function directRequestsIn(bytes: Uint8Array, count: number): DirectRequest[] {
  const what = 'An authorised request';
  const requests = readCbor(what, bytes, (value) => asList(value, what).map(directRequestOf));
  if (requests.length === count) return requests;
  throw new MalformedAnswer('The server authorised another number of requests.');
}

function directRequestOf(value: CborValue): DirectRequest {
  const what = 'An authorised request';
  const map = asMap(value, what);
  const headers = [...asMap(field(map, 'h', what), what)].map(
    ([name, text]) => [name, asText(text, what)] as const,
  );
  return { url: asText(field(map, 'b', what), what), headers: new Map(headers) };
}
