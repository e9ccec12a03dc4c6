import { expect, test } from 'vitest';
import { concat } from '#lib/bytes/index.ts';
import { MalformedPeerData, StreamEnded } from './errors.ts';
import { readBody, readHead, requestHead } from './http-message.ts';
import { StreamReader } from './reader.ts';

function readerOf(text: string, pieceBytes = text.length + 1): StreamReader {
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  let at = 0;
  return new StreamReader(async () => {
    const piece = bytes.subarray(at, (at += pieceBytes));
    return piece.length === 0 ? undefined : piece;
  });
}

async function answerOf(text: string, { method = 'POST', pieceBytes = 3 } = {}) {
  const reader = readerOf(text, pieceBytes);
  const { status, headers, length } = await readHead(reader, method);
  const body: Uint8Array[] = [];
  for await (const piece of readBody(reader, length)) body.push(piece.slice());
  return { status, headers, body: new TextDecoder().decode(concat(...body)) };
}

const HEAD = 'HTTP/1.1 200 OK\r\n';

test('an answer with a length is read to that length and no further', async () => {
  const answer = await answerOf(`${HEAD}Content-Length: 5\r\nTrailer: a%20b\r\n\r\nhello, world`);
  expect(answer).toMatchObject({ status: 200, body: 'hello' });
  expect(answer.headers.get('trailer')).toBe('a%20b');
});

test('an answer in chunks is joined, however it is cut, and its trailers are passed over', async () => {
  const text = `${HEAD}Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n, world!!!\r\n0\r\nX: y\r\n\r\n`;
  for (const pieceBytes of [1, 2, 7, 1000]) {
    expect((await answerOf(text, { pieceBytes })).body).toBe('hello, world!!!');
  }
});

test('informational answers come before the one that counts', async () => {
  const text = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n`;
  const answer = await answerOf(`${text}HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n`);
  expect(answer).toMatchObject({ status: 404, body: '' });
  expect(answer.headers.has('link')).toBe(false);
});

test('answers without a body need no length', async () => {
  expect((await answerOf('HTTP/1.1 204 No Content\r\n\r\n')).status).toBe(204);
  const head = await answerOf(`${HEAD}Content-Length: 9\r\n\r\n`, { method: 'HEAD' });
  expect(head.body).toBe('');
});

const MALFORMED: Readonly<Record<string, string>> = {
  'another protocol': 'SSH-2.0-OpenSSH\r\n\r\n',
  'another version': 'HTTP/2 200 OK\r\n\r\n',
  'a status that is none': 'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n',
  'a control character': `${HEAD}X: a\x01b\r\nContent-Length: 0\r\n\r\n`,
  'a name with a space': `${HEAD}Content-Length : 0\r\n\r\n`,
  'a folded line': `${HEAD}X: a\r\n b\r\nContent-Length: 0\r\n\r\n`,
  'no length': `${HEAD}X: y\r\n\r\nrest`,
  'two lengths': `${HEAD}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`,
  'a length and chunks': `${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'another coding': `${HEAD}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  'a negative length': `${HEAD}Content-Length: -1\r\n\r\n`,
  'a length in hex': `${HEAD}Content-Length: 0x5\r\n\r\nhello`,
  'a chunk of no size': `${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n`,
  'a chunk of a huge size': `${HEAD}Transfer-Encoding: chunked\r\n\r\nfffffffff\r\nx`,
  'a chunk longer than it says': `${HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n`,
  'a switch of protocols': 'HTTP/1.1 101 Switching Protocols\r\n\r\n',
  'informational answers for ever': 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(50),
  'too many headers': `${HEAD}${'X: y\r\n'.repeat(200)}\r\n`,
  'a head that is too long': `${HEAD}X: ${'y'.repeat(70_000)}\r\n\r\n`,
  'a head that is too long in many lines': `${HEAD}${`X: ${'y'.repeat(1000)}\r\n`.repeat(70)}\r\n`,
};

test.each(Object.entries(MALFORMED))('%s is refused', async (_name, text) => {
  await expect(answerOf(text, { pieceBytes: 500 })).rejects.toThrow(MalformedPeerData);
});

test('an answer that ends early is told from one that is malformed', async () => {
  for (const text of [
    'HTTP/1.1 200',
    `${HEAD}Content-Length: 5\r\n`,
    `${HEAD}Content-Length: 5\r\n\r\nhell`,
    `${HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`,
  ]) {
    await expect(answerOf(text)).rejects.toThrow(StreamEnded);
  }
});

test('a request says path, query, host and length, and nothing of the connection it was made for', () => {
  const request = new Request('http://elsewhere:81/api/v0/x?a=1%2B&b', {
    method: 'POST',
    headers: { 'x-a': 'b', 'content-length': '7', 'transfer-encoding': 'chunked' },
    body: 'hello',
  });
  const lines = new TextDecoder().decode(requestHead(request, '12D3', 5)).split('\r\n');
  expect(lines.slice(0, 2)).toEqual(['POST /api/v0/x?a=1%2B&b HTTP/1.1', 'Host: 12D3']);
  expect(lines.filter((it) => /^(?:content-length|transfer-encoding)/iu.test(it))).toEqual([
    'Content-Length: 5',
  ]);
  expect(lines.slice(-2)).toEqual(['', '']);
});
