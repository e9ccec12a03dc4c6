/**
 * A folder or a selection as one ZIP, made while it is downloaded: no entry is ever whole in
 * memory. An entry that cannot be opened does not spoil the others: it is reported, and listed in
 * the archive. An entry that breaks while its bytes flow breaks the download, because a silently
 * shortened file would be worse.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { isNodeFailure } from '#lib/protocol/index.ts';
import type { ArchiveTicket } from '#lib/tickets/index.ts';
import { leftOutEntry, zipStream, type LeftOut, type ZipEntry } from '#lib/zip/index.ts';
import { streamOf, type FileSource, type StreamListener } from './answer.ts';
import { fileHeaders } from './headers.ts';

export type OpenFile = (capability: Uint8Array) => Promise<FileSource>;

export interface ArchiveListener extends StreamListener {
  /** An entry of the ticket is not in the archive. */
  onUnreadable(entry: number, reason: string): void;
}

/** The answer to a `GET` for an archive. Its length is not known beforehand. */
export function answerArchive(
  request: Request,
  ticket: ArchiveTicket,
  open: OpenFile,
  listener: ArchiveListener,
): Response {
  const headers = fileHeaders({ mimeType: '', name: ticket.name, disposition: 'attachment' });
  const body = request.method === 'HEAD' ? null : archiveStream(ticket, open, listener);
  return new Response(body, { headers });
}

function archiveStream(
  ticket: ArchiveTicket,
  open: OpenFile,
  listener: ArchiveListener,
): ReadableStream<Uint8Array> {
  const reader = zipStream(zipEntries(ticket, open, listener)).getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
          controller.close();
          listener.onEnd('done');
        } catch (error) {
          controller.error(error);
          listener.onEnd('failed', error);
        }
      },
      async cancel(reason) {
        listener.onEnd('cancelled');
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

async function* zipEntries(
  { entries, leftOut, listPath }: ArchiveTicket,
  open: OpenFile,
  listener: ArchiveListener,
): AsyncGenerator<ZipEntry> {
  const lacks: LeftOut[] = [...leftOut];
  const counted: StreamListener = { onBytes: (n) => listener.onBytes(n), onEnd: () => undefined };
  for (const [at, { path, capability, modifiedMs }] of entries.entries()) {
    if (capability === undefined) {
      yield { path, modifiedMs };
      continue;
    }
    let source: FileSource;
    try {
      source = await open(capability);
    } catch (error) {
      if (!(error instanceof PyrgosError) || isNodeFailure(error)) throw error;
      const reason = error.message;
      lacks.push({ path, reason });
      listener.onUnreadable(at, reason);
      continue;
    }
    yield { path, modifiedMs, content: streamOf(source, 0, source.sizeBytes, counted) };
  }
  if (lacks.length > 0) yield leftOutEntry(listPath, lacks, Date.now());
}
