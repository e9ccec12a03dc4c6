/**
 * Requests that a client sends to the object store itself (B-6 §7): signed here, in the query for
 * reading, in the headers for writing, so that they are good for one object (and one content) only.
 */
import { toHex } from '#lib/bytes/index.ts';
import type { S3Requests } from './s3-requests.ts';

export interface PresignedRequest {
  readonly url: string;
  /** All that are signed; `Host` and `Content-Length` a browser sets itself. */
  readonly headers: ReadonlyMap<string, string>;
}

export interface BlockToPut {
  readonly sha256: Uint8Array;
  readonly sizeBytes: number;
}

const READ_LASTS_S = 600;

export async function presignGet(requests: S3Requests, object: string): Promise<PresignedRequest> {
  const url = requests.urlOf(object, { 'X-Amz-Expires': String(READ_LASTS_S) });
  const signed = await requests.signer({ method: 'GET', url, signQuery: true }).sign();
  signed.url.searchParams.sort();
  return { url: signed.url.href, headers: new Map([['Host', signed.url.host]]) };
}

export async function presignPut(
  requests: S3Requests,
  object: string,
  { sha256, sizeBytes }: BlockToPut,
): Promise<PresignedRequest> {
  const url = requests.urlOf(object);
  const contentSha256 = toHex(sha256);
  const signer = requests.signer({
    method: 'PUT',
    url,
    headers: {
      'Content-Length': String(sizeBytes),
      'Content-Type': 'application/octet-stream',
      'x-amz-content-sha256': contentSha256,
    },
    allHeaders: true,
  });
  const { accessKeyId, sessionToken } = requests.options;
  const authorization = [
    `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${signer.credentialString}`,
    `SignedHeaders=${signer.signedHeaders}`,
    `Signature=${await signer.signature()}`,
  ].join(',');
  const headers = new Map([
    ['Host', new URL(url).host],
    ['Content-Length', String(sizeBytes)],
    ['Content-Type', 'application/octet-stream'],
    ['x-amz-content-sha256', contentSha256],
    ['x-amz-date', signer.datetime],
    ['Authorization', authorization],
  ]);
  if (sessionToken !== undefined) headers.set('x-amz-security-token', sessionToken);
  return { url, headers };
}
