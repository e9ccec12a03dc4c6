import { describe, expect, it } from 'vitest';
import { assembleBlob, harmlessType } from './page-files.ts';

describe('files shown through the page', () => {
  it('are put together piece by piece', async () => {
    const whole = Uint8Array.from({ length: 12_000_000 }, (_, i) => i % 251);
    const asked: number[] = [];
    const blob = await assembleBlob(whole.length, 'video/mp4', async (start, end) => {
      asked.push(end - start);
      return whole.slice(start, end);
    });
    expect(blob.type).toBe('video/mp4');
    expect(Math.max(...asked)).toBeLessThanOrEqual(5 * 1024 * 1024);
    expect(Buffer.compare(Buffer.from(await blob.arrayBuffer()), whole)).toBe(0);
    expect((await assembleBlob(0, '', async () => new Uint8Array(0))).size).toBe(0);
  });

  it.each([
    ['image/png', 'image/png'],
    ['video/webm', 'video/webm'],
    ['text/html', 'application/octet-stream'],
    ['image/svg+xml', 'application/octet-stream'],
    ['application/xhtml+xml', 'application/octet-stream'],
    ['application/pdf', 'application/octet-stream'],
    ['image/png;text/html', 'application/octet-stream'],
    ['', 'application/octet-stream'],
  ])('%j may claim to be %j and nothing that runs', (claimed, allowed) => {
    expect(harmlessType(claimed)).toBe(allowed);
  });
});
