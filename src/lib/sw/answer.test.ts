import { describe, expect, test } from 'vitest';
import type { FileTicket } from '#lib/tickets/index.ts';
import { answerFile, refusal, streamOf, type FileSource } from './answer.ts';

const BYTES = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
const TICKET: FileTicket = {
  kind: 'file',
  id: 'a'.repeat(22),
  name: 'film.mp4',
  source: { database: 'test' },
  capability: new Uint8Array(),
  mimeType: 'video/mp4',
  disposition: 'inline',
};

/** A source that hands out pieces of 300 bytes and records what was asked of it. */
function pieces(): FileSource & { served: number; aborted: boolean } {
  const source = {
    sizeBytes: BYTES.length,
    served: 0,
    aborted: false,
    async *read(start: number, end: number, signal: AbortSignal) {
      signal.addEventListener('abort', () => (source.aborted = true));
      for (let at = start; at < end; at += 300) {
        await Promise.resolve();
        source.served += 1;
        yield BYTES.slice(at, Math.min(end, at + 300));
      }
    },
  };
  return source;
}

const get = (range?: string): Request =>
  new Request('https://pyrgos.example/_file/x', range ? { headers: { Range: range } } : {});

describe('a request for a file', () => {
  test.each([
    [undefined, 200, 0, 1000, null],
    ['bytes=0-', 206, 0, 1000, 'bytes 0-999/1000'],
    ['bytes=0-0', 206, 0, 1, 'bytes 0-0/1000'],
    ['bytes=250-749', 206, 250, 750, 'bytes 250-749/1000'],
    ['bytes=-100', 206, 900, 1000, 'bytes 900-999/1000'],
    ['bytes=990-2000', 206, 990, 1000, 'bytes 990-999/1000'],
    ['bytes=1-2,4-5', 200, 0, 1000, null],
    ['nonsense', 200, 0, 1000, null],
  ])(
    'with Range %j answers %i and the bytes %i to %i',
    async (range, status, start, end, echoed) => {
      const response = answerFile(get(range), TICKET, pieces());
      expect(response.status).toBe(status);
      expect(response.headers.get('Content-Range')).toBe(echoed);
      expect(response.headers.get('Content-Length')).toBe(String(end - start));
      expect(response.headers.get('Accept-Ranges')).toBe('bytes');
      expect(new Uint8Array(await response.arrayBuffer())).toEqual(BYTES.slice(start, end));
    },
  );

  test('past the end answers 416 with the size', async () => {
    const response = answerFile(get('bytes=1000-'), TICKET, pieces());
    expect(response.status).toBe(416);
    expect(response.headers.get('Content-Range')).toBe('bytes */1000');
    expect(await response.text()).toBe('');
  });

  test('reads nothing before the browser pulls, and stops when it cancels', async () => {
    const source = pieces();
    const reader = answerFile(get(), TICKET, source).body!.getReader();
    await Promise.resolve();
    expect(source.served).toBe(0);
    await reader.read();
    expect(source.served).toBe(1);
    await reader.cancel();
    expect(source.aborted).toBe(true);
    expect(source.served).toBe(1);
  });

  test('breaks when a chunk is damaged and reports why', async () => {
    const failing: FileSource = {
      sizeBytes: 10,
      // eslint-disable-next-line require-yield
      async *read() {
        await Promise.resolve();
        throw new Error('damaged');
      },
    };
    const ends: string[] = [];
    const listener = { onBytes: () => undefined, onEnd: (state: string) => void ends.push(state) };
    await expect(new Response(streamOf(failing, 0, 10, listener)).arrayBuffer()).rejects.toThrow();
    expect(ends).toEqual(['failed']);
  });

  test('by HEAD gives headers alone', async () => {
    const response = answerFile(new Request(get(), { method: 'HEAD' }), TICKET, pieces());
    expect(response.headers.get('Content-Length')).toBe('1000');
    expect(await response.text()).toBe('');
  });

  test('by another method is refused', () => {
    expect(refusal(new Request(get(), { method: 'POST' }))?.status).toBe(405);
    expect(refusal(get())).toBeUndefined();
  });
});
