import { describe, expect, test } from 'vitest';
import {
  contentDisposition,
  fileHeaders,
  isExecutingDestination,
  safeContentType,
} from './headers.ts';

describe('the content type of a file', () => {
  test.each([
    'text/html',
    'application/xhtml+xml',
    'text/javascript',
    'application/xml',
    'text/xml',
    'text/css',
    'application/pdf',
    'multipart/x-mixed-replace',
    'image/png, text/html',
    'constructor',
    '',
    'video/mp4\r\nX-Evil: 1',
  ])('%j is sent as plain bytes', (type) => {
    expect(safeContentType(type)).toBe('application/octet-stream');
  });

  test.each([
    ['image/jpg', 'image/jpeg'],
    ['VIDEO/MP4', 'video/mp4'],
    ['video/mp4; codecs="avc1"', 'video/mp4'],
    ['image/png;text/html', 'image/png'],
    ['audio/mpeg', 'audio/mpeg'],
  ])('%j is sent as %s', (type, sent) => {
    expect(safeContentType(type)).toBe(sent);
  });

  test('of a download is always plain bytes', () => {
    const headers = fileHeaders({ mimeType: 'video/mp4', name: 'a', disposition: 'attachment' });
    expect(headers.get('Content-Type')).toBe('application/octet-stream');
    expect(headers.get('Content-Security-Policy')).toContain('sandbox;');
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
  });
});

describe('the offered file name', () => {
  test.each([
    ['plain.txt', `attachment; filename="plain.txt"; filename*=UTF-8''plain.txt`],
    ['a"b.txt', `attachment; filename="a_b.txt"; filename*=UTF-8''a%22b.txt`],
    ['a\r\nX: 1', `attachment; filename="a__X: 1"; filename*=UTF-8''a__X%3A%201`],
    ['../x', `attachment; filename=".._x"; filename*=UTF-8''.._x`],
    ['gnp\u202e.exe', `attachment; filename="gnp.exe"; filename*=UTF-8''gnp.exe`],
    [
      "o'k (1)*.txt",
      `attachment; filename="o'k (1)*.txt"; filename*=UTF-8''o%27k%20%281%29%2A.txt`,
    ],
    ['😀.mp4', `attachment; filename="_.mp4"; filename*=UTF-8''%F0%9F%98%80.mp4`],
    ['lone\ud800', `attachment; filename="lone_"; filename*=UTF-8''lone%EF%BF%BD`],
  ])('%j', (name, header) => {
    expect(contentDisposition('attachment', name)).toBe(header);
    expect(() => new Headers({ 'Content-Disposition': header })).not.toThrow();
  });
});

test('whatever would execute a file is refused, whatever shows it is not', () => {
  for (const destination of ['script', 'worker', 'style', 'object', 'embed', 'sharedworker']) {
    expect(isExecutingDestination(destination)).toBe(true);
  }
  for (const destination of ['', 'video', 'audio', 'image', 'document']) {
    expect(isExecutingDestination(destination)).toBe(false);
  }
});
