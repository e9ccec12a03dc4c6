/**
 * The text of a QR code in a picture. Two decoders look at it, because each finds codes that the
 * other misses: the quick one looks at every frame of a camera, the slow one at a few.
 */
import {
  bytes,
  connect,
  count,
  flag,
  nullable,
  object,
  serve,
  shape,
  text,
  type WorkerLike,
  type Wire,
} from '#lib/rpc/index.ts';

/** Four bytes a pixel: red, green, blue, opacity. */
export interface Frame {
  readonly pixels: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

export interface CodeReader {
  /**
   * The text of a code in this frame, whose pixels are given away. Of a still picture both decoders
   * look at it, and take their time.
   */
  read(frame: Frame, isStill: boolean): Promise<string | undefined>;
  /** What is being read fails. */
  close(): void;
}

/** The slow decoder takes as long as about 25 of the quick one. */
const SLOW_EVERY = 4;
const STILL_LIMIT_MS = 1_000;

const protocol = {
  read: shape([object({ pixels: bytes, width: count, height: count }), flag], nullable(text)),
};

/** A reader that works in this worker. */
export function connectCodeReader(worker: WorkerLike): CodeReader {
  const caller = connect(worker, protocol);
  worker.addEventListener('error', () => caller.close(new Error('The code reader stopped.')));
  return {
    read: (frame, isStill) =>
      caller.call('read', [frame, isStill], { transfer: [frame.pixels.buffer] }),
    close() {
      caller.close(new DOMException('The code reader was closed.', 'AbortError'));
      worker.terminate();
    },
  };
}

/** Answers the calls of the page that started this worker. */
export function serveCodeReader(wire: Wire): void {
  let frames = 0;
  const decoders = loadDecoders();
  // The first caller is told.
  decoders.catch(() => undefined);
  serve(wire, protocol, {
    async read(_context, { pixels, width, height }, isStill) {
      const frame = { pixels, width, height };
      const { quick, slow } = await decoders;
      // Every other frame is smoothed, against the noise of cameras in the dark.
      const isSmoothed = !isStill && frames % 2 === 1;
      const found = quick(isSmoothed ? smoothed(frame) : frame, isStill);
      const isSlowToo = isStill || frames++ % SLOW_EVERY === 0;
      return found ?? (isSlowToo ? slow(frame) : undefined);
    },
  });
}

/** Each pixel becomes the mean of the nine around it, as grey. */
function smoothed({ pixels, width, height }: Pixels): Pixels {
  const rows = new Uint16Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      // Green has most of what eyes and codes call brightness.
      rows[at] = pixels[at * 4 - 3]! + pixels[at * 4 + 1]! + pixels[at * 4 + 5]!;
    }
  }
  const grey = new Uint8Array(width * height * 4).fill(255);
  for (let at = width; at < width * (height - 1); at++) {
    const mean = (rows[at - width]! + rows[at]! + rows[at + width]!) / 9;
    grey[at * 4] = grey[at * 4 + 1] = grey[at * 4 + 2] = mean;
  }
  return { pixels: grey, width, height };
}

interface Pixels {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

async function loadDecoders() {
  const [{ decodeQR }, { default: jsQR }] = await Promise.all([
    import('qr/decode.js'),
    import('jsqr'),
  ]);
  return {
    quick({ pixels, width, height }: Pixels, isStill: boolean): string | undefined {
      const options = isStill ? { effort: 4, timeLimit: STILL_LIMIT_MS } : {};
      try {
        return decodeQR({ data: pixels, width, height }, options);
      } catch {
        return undefined; // that is how it says that there is none
      }
    },
    slow({ pixels, width, height }: Pixels): string | undefined {
      const { buffer, byteOffset, byteLength } = pixels;
      const clamped = new Uint8ClampedArray(buffer, byteOffset, byteLength);
      return jsQR(clamped, width, height)?.data || undefined;
    },
  };
}
