/** A progress bar on a terminal; no output elsewhere. */
import type { Io } from './io.ts';
import { fitColumns, showBytes, showName } from './text.ts';

const REDRAW_MS = 100;
const BAR_CHARACTERS = 24;
const SETTLED_SECONDS = 1.5;

export interface ProgressBar {
  tell(doneBytes: number, totalBytes: number, current?: string): void;
  /** Takes the bar away. */
  end(): void;
}

const SILENT: ProgressBar = { tell: () => undefined, end: () => undefined };

/** A bar on standard error, unless that is no terminal or `isQuiet`. */
export function startProgress(io: Io, isQuiet: boolean, clock = Date.now): ProgressBar {
  if (isQuiet || io.stderr.isTTY !== true) return SILENT;
  const startedMs = clock();
  let drawnMs = 0;
  return {
    tell(doneBytes, totalBytes, current = '') {
      const nowMs = clock();
      if (nowMs - drawnMs < REDRAW_MS && doneBytes < totalBytes) return;
      drawnMs = nowMs;
      const line = draw(doneBytes, totalBytes, (nowMs - startedMs) / 1000, showName(current));
      io.stderr.write(`\r\u001b[K${fitColumns(line, (io.stderr.columns ?? 80) - 1)}`);
    },
    end: () => void io.stderr.write('\r\u001b[K'),
  };
}

function draw(done: number, total: number, elapsedSeconds: number, current: string): string {
  const bytesPerSecond = done / Math.max(0.001, elapsedSeconds);
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const filled = Math.round(share * BAR_CHARACTERS);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_CHARACTERS - filled);
  // A guess from the first moments would be wild.
  const isKnown = bytesPerSecond > 0 && elapsedSeconds > SETTLED_SECONDS;
  const left = isKnown ? showSeconds((total - done) / bytesPerSecond) : '–';
  const percent = `${Math.floor(share * 100)}`.padStart(3);
  const speed = `${showBytes(bytesPerSecond)}/s`;
  return `${bar} ${percent} %  ${showBytes(done)} of ${showBytes(total)}  ${speed}  ${left}  ${current}`;
}

function showSeconds(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.ceil(whole / 60)} min`;
  return `${(whole / 3600).toFixed(1)} h`;
}
