/** Codes drawn by another library, as a camera shows them. */
import { afterEach, describe, expect, it } from 'vitest';
import { encode } from 'uqr';
import type { CodeReader, Frame } from './code-reader.ts';
import { openCodeReader } from './testing.ts';

const TEXT = 'a3'.repeat(76);
const WIDTH = 640;
const HEIGHT = 480;

const open: CodeReader[] = [];
afterEach(() => open.splice(0).forEach((reader) => reader.close()));

function reader(): CodeReader {
  const page = openCodeReader();
  open.push(page);
  return page;
}

/** A code in the middle of a grey frame, turned by some degrees and dimmed. */
function frame(text: string | undefined, degrees = 0, modulePx = 6): Frame {
  const pixels = new Uint8Array(WIDTH * HEIGHT * 4).fill(255);
  const code = text === undefined ? undefined : encode(text, { border: 4 });
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const half = ((code?.size ?? 0) * modulePx) / 2;
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const [dx, dy] = [x - WIDTH / 2, y - HEIGHT / 2];
      const column = Math.floor((dx * cos + dy * sin + half) / modulePx);
      const row = Math.floor((dy * cos - dx * sin + half) / modulePx);
      const isDark = code?.data[row]?.[column];
      const grey = isDark === undefined ? 120 : isDark ? 40 : 200;
      pixels.fill(grey, (y * WIDTH + x) * 4, (y * WIDTH + x) * 4 + 3);
    }
  }
  return { pixels, width: WIDTH, height: HEIGHT };
}

describe('a code reader', () => {
  it.each([0, 15, 90, 200])('reads a code that is turned by %i degrees', async (degrees) => {
    expect(await reader().read(frame(TEXT, degrees), false)).toBe(TEXT);
  });

  it('reads a still picture', async () => {
    expect(await reader().read(frame(TEXT, 7), true)).toBe(TEXT);
  });

  it('finds nothing where there is no code, and then the next one', async () => {
    const one = reader();
    for (let i = 0; i < 5; i++) expect(await one.read(frame(undefined), false)).toBeUndefined();
    expect(await one.read(frame('hello'), false)).toBe('hello');
  });

  it('fails what is being read when it is closed', async () => {
    const one = reader();
    const reading = one.read(frame(TEXT), false);
    one.close();
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
  });
});
