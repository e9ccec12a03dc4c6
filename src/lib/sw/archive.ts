/**
 * A folder or a selection as one ZIP, made while it is downloaded: no entry is ever whole in
 * memory. An entry that cannot be opened does not spoil the others; it is named in a text file at
 * the end of the archive. An entry that breaks while its bytes flow breaks the download, because a
 * silently shortened file would be worse.
 */
import { makeZip } from 'client-zip';
import type { ArchiveEntry, ArchiveTicket } from '#lib/tickets/index.ts';
import { streamOf, type FileSource, type StreamListener } from './answer.ts';
import { fileHeaders } from './headers.ts';

/** Name of the list of entries that could not be opened. */
export const UNREADABLE_LIST_NAME = 'Files that could not be read.txt';

export type OpenFile = (capability: Uint8Array) => Promise<FileSource>;

/** The answer to a `GET` for an archive. Its length is not known beforehand. */
export function answerArchive(
  request: Request,
  ticket: ArchiveTicket,
  open: OpenFile,
  listener: StreamListener,
): Response {
  const headers = fileHeaders({ mimeType: '', name: ticket.name, disposition: 'attachment' });
  const body = request.method === 'HEAD' ? null : archiveStream(ticket, open, listener);
  return new Response(body, { headers });
}

function archiveStream(
  ticket: ArchiveTicket,
  open: OpenFile,
  listener: StreamListener,
): ReadableStream<Uint8Array> {
  const zip = makeZip(inputs(ticket.entries, open, listener), { buffersAreUTF8: true });
  const reader = zip.getReader();
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

async function* inputs(
  entries: readonly ArchiveEntry[],
  open: OpenFile,
  listener: StreamListener,
): AsyncGenerator<{ name: string; lastModified: Date; input?: ReadableStream<Uint8Array> }> {
  const unreadable: string[] = [];
  const counted: StreamListener = { onBytes: (n) => listener.onBytes(n), onEnd: () => undefined };
  for (const { path, capability, modifiedMs } of entries) {
    const name = safeArchivePath(path);
    const lastModified = new Date(modifiedMs);
    if (capability === undefined) {
      yield { name, lastModified };
      continue;
    }
    try {
      const source = await open(capability);

      yield { name, lastModified, input: streamOf(source, 0, source.sizeBytes, counted) };
    } catch (error) {
      unreadable.push(`${name}: ${error instanceof Error ? error.message : 'unknown reason'}`);
    }
  }
  if (unreadable.length > 0) {
    const list = new Blob([unreadable.join('\r\n'), '\r\n']);
    yield { name: UNREADABLE_LIST_NAME, lastModified: new Date(), input: list.stream() };
  }
}

/** A path that stays below the folder a person unpacks into, on every system. */
export function safeArchivePath(path: string): string {
  const isFolder = path.endsWith('/');
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map((part) => (part === '.' || part === '..' ? '_' : part.replaceAll(/[\\:\p{Cc}]/gu, '_')));
  return (parts.length === 0 ? '_' : parts.join('/')) + (isFolder ? '/' : '');
}
