/** A progress bar on a terminal; nothing where nobody looks. */
import type { Io } from './io.ts';
import { showBytes, showName } from './text.ts';

const REDRAW_MS = 100;
const BAR_CHARACTERS = 24;

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
      const speed = doneBytes / Math.max(0.001, (nowMs - startedMs) / 1000);
      const line = draw(doneBytes, totalBytes, speed, showName(current));
      io.stderr.write(`\r\u001b[K${line.slice(0, (io.stderr.columns ?? 80) - 1)}`);
    },
    end: () => void io.stderr.write('\r\u001b[K'),
  };
}

function draw(done: number, total: number, bytesPerSecond: number, current: string): string {
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const filled = Math.round(share * BAR_CHARACTERS);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_CHARACTERS - filled);
  const left = bytesPerSecond > 0 ? (total - done) / bytesPerSecond : 0;
  const percent = `${Math.floor(share * 100)}`.padStart(3);
  const speed = `${showBytes(bytesPerSecond)}/s`;
  return `${bar} ${percent} %  ${showBytes(done)} of ${showBytes(total)}  ${speed}  ${showSeconds(left)}  ${current}`;
}

function showSeconds(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.ceil(whole / 60)} min`;
  return `${(whole / 3600).toFixed(1)} h`;
}
