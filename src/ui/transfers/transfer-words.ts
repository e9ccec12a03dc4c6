import type { NumberedFile, Transfer } from '#lib/client/index.ts';
import { formatBytes, formatNumber, formatSpeed, formatTimeLeft } from '../text/format.ts';
import { m } from '../text/messages.ts';
import { shownName } from '../text/shown-name.ts';
import type { Shown } from './steady.ts';

/** The hidden folder of the trash, by which emptying it is named. */
const TRASH = '.trash';

/** What a transfer is called: several things at once by how many they are. */
export function transferName({ direction, name, items, files }: Transfer): string {
  if (items !== undefined) {
    const said = { count: items, shown: formatNumber(items) };
    return items === files ? m.details_files(said) : m.entry_count(said);
  }
  return direction === 'remove' && name === TRASH ? m.trash_title() : shownName(name);
}

/** The line under a transfer: how much, how fast, how long; or how it ended. */
export function transferWords(transfer: Transfer, shown: Shown | undefined): string {
  const { state, files, filesDone, filesSkipped } = transfer;
  if (state === 'failed') return failureWords(transfer);
  if (state === 'done' && transfer.filesFailed > 0) return leftOutWords(transfer);
  if (transfer.needsFile === true) return m.transfer_needs_file();
  const parts = [stateWord(transfer)];
  if (state === 'done' && filesDone === 0 && filesSkipped > 0) parts[0] = m.transfer_all_skipped();
  if (files > 1) parts.push(countWords(transfer));
  else if (transfer.direction === 'remove') {
    parts.push(m.transfer_found({ count: filesDone, shown: formatNumber(filesDone) }));
  }
  if (filesSkipped > 0 && files > 1) {
    parts.push(m.transfer_skipped({ count: filesSkipped, shown: formatNumber(filesSkipped) }));
  }
  if (state !== 'cancelled') {
    parts.push(amountWords(transfer, shown), ...paceWords(transfer));
  }
  return parts.filter((part) => part !== '').join(' · ');
}

/** The line under one file of a transfer. */
export function fileWords({ state, sizeBytes, doneBytes, error }: NumberedFile): string {
  switch (state) {
    case 'failed':
      return error?.message ?? m.transfer_failed();
    case 'skipped':
      return m.transfer_all_skipped();
    case 'cancelled':
      return m.transfer_cancelled();
    case 'running':
      return m.transfer_of({ done: formatBytes(doneBytes), total: formatBytes(sizeBytes) });
    case 'waiting':
      return [m.transfer_waiting(), formatBytes(sizeBytes)].join(' · ');
    case 'done':
      return formatBytes(sizeBytes);
  }
}

function failureWords({ error, files, filesFailed, failure }: Transfer): string {
  if (files > 1 && filesFailed > 1) {
    const shown = formatNumber(filesFailed);
    return m.transfer_failed_files({ count: filesFailed, shown, total: formatNumber(files) });
  }
  if (files > 1 && failure !== undefined) {
    return `${shownName(failure.path.join('/'))}: ${failure.error.message}`;
  }
  return error?.message ?? m.transfer_failed();
}

/** Saved or copied, but for some: never a plain "done". */
function leftOutWords({ direction, files, filesFailed, failure }: Transfer): string {
  const said = {
    count: filesFailed,
    shown: formatNumber(filesFailed),
    total: formatNumber(files),
  };
  const words = direction === 'copy' ? m.transfer_copied_without(said) : m.transfer_left_out(said);
  if (filesFailed > 1 || failure === undefined) return words;
  return `${words} ${shownName(failure.path.join('/'))}: ${failure.error.message}`;
}

function stateWord({ state, direction }: Transfer): string {
  if (state === 'waiting') return m.transfer_waiting();
  if (state === 'paused') return m.transfer_paused();
  if (state === 'cancelled') return m.transfer_cancelled();
  const isDone = state === 'done';
  switch (direction) {
    case 'copy':
      return isDone ? m.transfer_copied() : m.transfer_copying();
    case 'move':
      return isDone ? m.transfer_moved() : m.transfer_moving();
    case 'remove':
      return isDone ? m.transfer_removed() : m.transfer_removing();
    default:
      return isDone ? m.transfer_done() : '';
  }
}

function countWords({ files, filesDone }: Transfer): string {
  const shown = formatNumber(filesDone);
  return m.transfer_files({ count: files, shown, total: formatNumber(files) });
}

function amountWords(transfer: Transfer, shown: Shown | undefined): string {
  const { state, direction, totalBytes } = transfer;
  if (direction === 'remove') return '';
  if (state === 'done') return totalBytes === 0 ? '' : formatBytes(totalBytes);
  if (transfer.files === 0) return m.transfer_preparing();
  const done = formatBytes(shown?.doneBytes ?? transfer.doneBytes);
  return m.transfer_of({ done, total: formatBytes(totalBytes) });
}

function paceWords({ state, bytesPerSecond, secondsLeft }: Transfer): string[] {
  if (state !== 'running' || bytesPerSecond <= 0) return [];
  const speed = formatSpeed(bytesPerSecond);
  return secondsLeft === undefined ? [speed] : [speed, formatTimeLeft(secondsLeft)];
}
