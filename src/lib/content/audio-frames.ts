/**
 * Sound that begins with its first frame: MPEG audio (ISO 11172-3, 13818-3) and AAC in ADTS
 * (ISO 13818-7). Eleven set bits begin a frame, which happens by chance as well, so the frames that
 * follow must begin where the lengths say.
 */

/** Frames that must follow each other; a shorter file must end with its last one. */
const FRAMES_IN_A_ROW = 3;
/** kbit/s by index, for MPEG-1 layers 1, 2, 3 and MPEG-2 layer 1, layers 2 and 3. */
const BITRATES = {
  v1: {
    1: [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    2: [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    3: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  },
  v2: {
    1: [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    3: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  },
} as const;
const SAMPLE_RATES = [44_100, 48_000, 32_000] as const;

/** `audio/mpeg` or `audio/aac`, if the bytes begin with frames of it. */
export function audioFramesType(start: Uint8Array, sizeBytes: number): string | undefined {
  if (follow(start, sizeBytes, mpegFrameBytes)) return 'audio/mpeg';
  if (follow(start, sizeBytes, adtsFrameBytes)) return 'audio/aac';
  return undefined;
}

type FrameBytes = (bytes: Uint8Array, at: number) => number | undefined;

function follow(start: Uint8Array, sizeBytes: number, frameBytes: FrameBytes): boolean {
  let at = 0;
  for (let frame = 0; frame < FRAMES_IN_A_ROW; frame++) {
    const length = frameBytes(start, at);
    if (length === undefined) return false;
    at += length;
    if (at >= sizeBytes) return at === sizeBytes || frame > 0;
    // The rest of a long frame was not read.
    if (at + 8 > start.length) return frame > 0;
  }
  return true;
}

function mpegFrameBytes(bytes: Uint8Array, at: number): number | undefined {
  const [sync = 0, kind = 0, rates = 0] = bytes.subarray(at, at + 3);
  if (sync !== 0xff || (kind & 0xe0) !== 0xe0) return undefined;
  const version = (kind >> 3) & 3; // 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
  const layer = (4 - ((kind >> 1) & 3)) as 1 | 2 | 3 | 4;
  const rate = SAMPLE_RATES[(rates >> 2) & 3];
  if (version === 1 || layer === 4 || rate === undefined) return undefined;
  const kbits = BITRATES[version === 3 ? 'v1' : 'v2'][layer][rates >> 4];
  if (kbits === undefined || kbits === 0) return undefined;
  const samplesPerSecond = rate / [4, 1, 2, 1][version]!;
  const padding = (rates >> 1) & 1;
  if (layer === 1) return (Math.floor((12_000 * kbits) / samplesPerSecond) + padding) * 4;
  const isHalf = layer === 3 && version !== 3;
  return Math.floor(((isHalf ? 72_000 : 144_000) * kbits) / samplesPerSecond) + padding;
}

function adtsFrameBytes(bytes: Uint8Array, at: number): number | undefined {
  const [sync = 0, kind = 0, profile = 0, high = 0, middle = 0, low = 0] = bytes.subarray(
    at,
    at + 6,
  );
  if (sync !== 0xff || (kind & 0xf6) !== 0xf0) return undefined;
  const rateIndex = (profile >> 2) & 15;
  const length = ((high & 3) << 11) | (middle << 3) | (low >> 5);
  return rateIndex > 12 || length < 7 ? undefined : length;
}
