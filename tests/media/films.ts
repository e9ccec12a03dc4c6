/**
 * Films for browser tests and the benchmark, made with ffmpeg and kept in the system's temporary
 * folder. Every frame of a *counted* film carries its own number as sixteen black or white bars, so
 * that a test can say which frame is on screen without trusting any clock.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from '@playwright/test';
import { ensureFfmpeg } from '../../scripts/programs.ts';

const FOLDER = join(tmpdir(), 'pyrgos-media-1');
const WIDTH = 320;
const HEIGHT = 180;
const BARS = 16;
const BAR_WIDTH = WIDTH / BARS;
export const FRAMES_PER_SECOND = 25;

const MP4 = ['-c:v', 'libx264', '-preset', 'veryfast', '-c:a', 'aac', '-movflags', '+faststart'];
const ENCODERS = {
  mp4: MP4,
  // Padded to a megabyte a second, more than a player fetches ahead.
  'heavy.mp4': [
    ...[...MP4, '-b:v', '8M', '-minrate', '8M', '-maxrate', '8M', '-bufsize', '8M'],
    ...['-x264-params', 'nal-hrd=cbr:filler=1'],
  ],
  webm: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-c:a', 'libopus'],
} as const;

/** A film whose frame n shows n. Path of the file. */
export async function countedFilm(kind: keyof typeof ENCODERS, seconds: number): Promise<string> {
  return made(`counted-${String(seconds)}.${kind}`, async (path) => {
    const size = `${String(WIDTH)}x${String(HEIGHT)}`;
    const rate = String(FRAMES_PER_SECOND);
    const ffmpeg = spawn(
      ensureFfmpeg(),
      // prettier-ignore
      [
        '-v', 'error', '-y',
        '-f', 'rawvideo', '-pix_fmt', 'gray', '-s', size, '-r', rate, '-i', 'pipe:0',
        '-f', 'lavfi', '-i', `sine=frequency=440:duration=${String(seconds)}`,
        '-pix_fmt', 'yuv420p', '-g', String(FRAMES_PER_SECOND * 2), '-b:v', '1M',
        ...ENCODERS[kind], '-shortest', path,
      ],
      { stdio: ['pipe', 'inherit', 'inherit'] },
    );
    const ended = new Promise<number | null>((resolve) => ffmpeg.once('close', resolve));
    for (let number = 0; number < seconds * FRAMES_PER_SECOND; number++) {
      if (!ffmpeg.stdin.write(pictureOf(number))) {
        await new Promise((resolve) => ffmpeg.stdin.once('drain', resolve));
      }
    }
    ffmpeg.stdin.end();
    return (await ended) === 0;
  });
}

/** H.264 in MP4 with its index in front, at least 300 MB: what a person calls a film. */
export async function longFilm(): Promise<{ path: string; seconds: number; sizeBytes: number }> {
  const seconds = 320;
  const path = await made('long.mp4', (target) => {
    const done = spawnSync(
      ensureFfmpeg(),
      // Noise, so that the bits are spent on pictures and not on filler.
      // prettier-ignore
      [
        '-v', 'error', '-y',
        '-f', 'lavfi', '-i', `testsrc2=size=640x360:rate=25:duration=${String(seconds)},noise=alls=60:allf=t`,
        '-f', 'lavfi', '-i', `sine=frequency=330:duration=${String(seconds)}`,
        '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50', '-pix_fmt', 'yuv420p',
        '-b:v', '8M', '-minrate', '8M', '-maxrate', '8M', '-bufsize', '8M', '-nal-hrd', 'cbr',
        '-c:a', 'aac', '-b:a', '96k', '-movflags', '+faststart', target,
      ],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
    return Promise.resolve(done.status === 0);
  });
  return { path, seconds, sizeBytes: statSync(path).size };
}

/** Number of the frame a `<video>` shows right now. */
export async function shownFrame(video: Locator): Promise<number> {
  return video.evaluate(readFrame, FRAME);
}

/** Where the bars lie; what {@link readFrame} needs, since it runs in a page. */
export const FRAME = { width: WIDTH, height: HEIGHT, bars: BARS, barWidth: BAR_WIDTH };

/** Runs in a page: reads the number out of the bars of a `<video>`, or of the one selected. */
export function readFrame(
  video: Element | string,
  { width, height, bars, barWidth }: typeof FRAME,
): number {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('This browser draws nothing.');
  const element = typeof video === 'string' ? document.querySelector(video) : video;
  context.drawImage(element as HTMLVideoElement, 0, 0, width, height);
  const { data } = context.getImageData(0, height / 2, width, 1);
  let number = 0;
  for (let bar = 0; bar < bars; bar++) {
    const level = data[4 * Math.floor((bar + 0.5) * barWidth)] ?? 0;
    if (level > 127) number += 2 ** bar;
  }
  return number;
}

function pictureOf(number: number): Uint8Array {
  const row = new Uint8Array(WIDTH);
  for (let x = 0; x < WIDTH; x++) {
    row[x] = (number >> Math.floor(x / BAR_WIDTH)) & 1 ? 255 : 0;
  }
  const picture = new Uint8Array(WIDTH * HEIGHT);
  for (let y = 0; y < HEIGHT; y++) picture.set(row, y * WIDTH);
  return picture;
}

/** Makes a file once; what a stopped run left half-made is never taken for the whole. */
async function made(name: string, make: (path: string) => Promise<boolean>): Promise<string> {
  const path = join(FOLDER, name);
  if (existsSync(path)) return path;
  mkdirSync(FOLDER, { recursive: true });
  const partial = join(FOLDER, `part-${String(process.pid)}-${name}`);
  if (!(await make(partial))) throw new Error(`ffmpeg could not make ${name}.`);
  renameSync(partial, path);
  return path;
}
