import type { Transfer } from '#lib/client/index.ts';
import { formatBytes, formatNumber, formatSpeed, formatTimeLeft } from '../text/format.ts';
import { m } from '../text/messages.ts';
import type { Shown } from './steady.ts';

/** The line under a transfer: how much, how fast, how long; or how it ended. */
export function transferWords(transfer: Transfer, shown: Shown | undefined): string {
  const { state, totalBytes, files } = transfer;
  if (state === 'failed') return transfer.error?.message ?? m.transfer_failed();
  if (state === 'cancelled') return m.transfer_cancelled();
  if (transfer.needsFile === true) return m.transfer_needs_file();
  const amount =
    state === 'done'
      ? formatBytes(totalBytes)
      : m.transfer_of({
          done: formatBytes(shown?.doneBytes ?? transfer.doneBytes),
          total: formatBytes(totalBytes),
        });
  const parts = [amount];
  if (files > 1) {
    parts.unshift(
      m.transfer_files({
        count: files,
        shown: formatNumber(transfer.filesDone),
        total: formatNumber(files),
      }),
    );
  }
  if (state === 'done') return [m.transfer_done(), ...parts].join(' · ');
  if (state === 'waiting') parts.push(m.transfer_waiting());
  if (state === 'paused') parts.push(m.transfer_paused());
  if (state === 'running' && transfer.bytesPerSecond > 0) {
    parts.push(formatSpeed(transfer.bytesPerSecond));
    if (shown?.secondsLeft !== undefined) parts.push(formatTimeLeft(shown.secondsLeft));
  }
  return parts.join(' · ');
}
