/**
 * The signatures of requests to object stores against what AWS publishes: its test suite for
 * Signature Version 4, the worked examples of its S3 manual, and the requests of B-6 §7.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AwsV4Signer } from 'aws4fetch';
import { describe, expect, test } from 'vitest';
import { partB } from '../../../../tests/vectors/load.ts';
import { createS3BlockStore } from './index.ts';
import { S3Requests } from './s3-requests.ts';

interface SuiteCase {
  readonly name: string;
  readonly context: {
    readonly credentials: {
      readonly access_key_id: string;
      readonly secret_access_key: string;
      readonly token?: string;
    };
    readonly omit_session_token?: boolean;
    readonly expiration_in_seconds: number;
    readonly region: string;
    readonly service: string;
    readonly sign_body: boolean;
    readonly timestamp: string;
  };
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  readonly canonicalRequest: string;
  readonly signature: string;
  readonly querySignature: string;
}

const SUITE = new URL('../../../../tests/vectors/aws-sigv4.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(SUITE, 'utf8')) as { cases: readonly SuiteCase[] };

/** A URL of the web has its dots and slashes in order, and a header occurs once. */
const CANNOT_BE_SENT =
  /^get-header-key-duplicate$|^get-header-value-order$|^get-(?:rel|sla).*-unnorm/;
const sendable = cases.filter(({ name }) => !CANNOT_BE_SENT.test(name));

function signerOf(vector: SuiteCase, signQuery: boolean): AwsV4Signer {
  const { context, method, body } = vector;
  const isHost = ([name]: readonly [string, string]) => name.toLowerCase() === 'host';
  const url = new URL(`https://${vector.headers.find(isHost)?.[1] ?? ''}${vector.target}`);
  if (signQuery) {
    url.searchParams.set('X-Amz-Expires', String(context.expiration_in_seconds));
  }
  const headers = vector.headers
    .filter((header) => !isHost(header))
    .map(([name, value]): [string, string] => [name, value.replaceAll('\n', ' ')]);
  if (context.sign_body && !signQuery) {
    headers.push(['x-amz-content-sha256', createHash('sha256').update(body).digest('hex')]);
  }
  const { token } = context.credentials;
  return new AwsV4Signer({
    method,
    url: url.href,
    headers,
    body: body === '' ? null : body,
    accessKeyId: context.credentials.access_key_id,
    secretAccessKey: context.credentials.secret_access_key,
    ...(token === undefined ? {} : { sessionToken: token }),
    appendSessionToken: context.omit_session_token ?? false,
    service: context.service,
    region: context.region,
    datetime: context.timestamp.replace(/[:-]/g, ''),
    signQuery,
    allHeaders: true,
    singleEncode: true,
  });
}

describe("AWS's test suite", () => {
  test.each(sendable.map((vector) => [vector.name, vector] as const))('%s', async (_, vector) => {
    const signer = signerOf(vector, false);
    expect(await signer.canonicalString()).toBe(vector.canonicalRequest);
    expect(await signer.signature()).toBe(vector.signature);
    expect(await signerOf(vector, true).signature()).toBe(vector.querySignature);
  });

  test('is whole but for what no browser could send', () => {
    expect([cases.length, sendable.length]).toEqual([38, 30]);
  });
});

describe("the S3 manual's examples", () => {
  const requests = new S3Requests({
    endpoint: 'https://s3.amazonaws.com',
    bucket: 'examplebucket',
    addressing: 'virtual-host',
    region: 'us-east-1',
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    clock: () => Date.UTC(2013, 4, 24),
  });
  const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
  const empty = { 'x-amz-content-sha256': hashOf('') };

  test.each([
    {
      title: 'GET Object',
      method: 'GET',
      url: requests.urlOf('test.txt'),
      headers: { ...empty, range: 'bytes=0-9' },
      signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    },
    {
      title: 'PUT Object',
      method: 'PUT',
      url: requests.urlOf('test$file.text'),
      headers: {
        'x-amz-content-sha256': hashOf('Welcome to Amazon S3.'),
        date: 'Fri, 24 May 2013 00:00:00 GMT',
        'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      },
      signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    },
    {
      title: 'GET Bucket Lifecycle',
      method: 'GET',
      url: requests.urlOf('', { lifecycle: '' }),
      headers: empty,
      signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    },
    {
      title: 'List Objects',
      method: 'GET',
      url: requests.urlOf('', { 'max-keys': '2', prefix: 'J' }),
      headers: empty,
      signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    },
  ])('$title', async ({ method, url, headers, signature }) => {
    const signer = requests.signer({ method, url, headers, allHeaders: true });
    expect(await signer.signature()).toBe(signature);
  });

  test('a pre-signed GET', async () => {
    const url = requests.urlOf('test.txt', { 'X-Amz-Expires': '86400' });
    const { url: signed } = await requests.signer({ method: 'GET', url, signQuery: true }).sign();
    expect(signed.searchParams.get('X-Amz-Signature')).toBe(
      'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    );
  });
});

describe('the requests of B-6 §7', () => {
  interface S3Put {
    readonly region: string;
    readonly accessKey: string;
    readonly secretKey: string;
    readonly key: string;
    readonly url: string;
    readonly authorization: string;
    readonly contentSha256: string;
    readonly contentLength: number;
    readonly contentType: string;
    readonly host: string;
    readonly datetime: string;
  }
  const put = partB<S3Put>('s3Put');
  const store = createS3BlockStore({
    endpoint: 'https://s3.example.com',
    bucket: 'bucket',
    addressing: 'virtual-host',
    region: put.region,
    accessKeyId: put.accessKey,
    secretAccessKey: put.secretKey,
    clock: () => Date.UTC(2024, 0, 2, 3, 4, 5),
  });

  test('a direct write', async () => {
    const block = {
      sha256: Buffer.from(put.contentSha256, 'hex'),
      sizeBytes: put.contentLength,
    };
    const { url, headers } = await store.presignPut(put.key, block);
    expect(url).toBe(put.url);
    expect(Object.fromEntries(headers)).toEqual({
      Host: put.host,
      'Content-Length': String(put.contentLength),
      'Content-Type': put.contentType,
      'x-amz-content-sha256': put.contentSha256,
      'x-amz-date': put.datetime,
      Authorization: put.authorization,
    });
  });

  test('a direct read', async () => {
    const { url, headers } = await store.presignGet(put.key);
    expect(url).toBe(partB<{ url: string }>('s3Get').url);
    expect([...headers]).toEqual([['Host', put.host]]);
  });
});
