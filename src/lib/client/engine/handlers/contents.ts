import type { OpenFiles } from './open-files.ts';
import type { TicketIssuer } from '../session/ticket-issuer.ts';
import type { EngineProtocol } from '../../engine-protocol.ts';
import type { Handlers } from '#lib/rpc/index.ts';

/** Bytes of files: read, shown, downloaded. */
export function contentHandlers(files: OpenFiles, tickets: TicketIssuer) {
  return {
    inspect: ({ signal }, id) => files().downloads.inspect(id, signal),
    readText: (_context, id, limitBytes, encoding) =>
      files().downloads.readText(id, limitBytes, encoding),
    serveViewer: ({ signal }, id, port) => files().viewers.serve(id, port, signal),
    readBytes: ({ signal }, id, start, end) => files().downloads.readBytes(id, start, end, signal),
    grantStream: (_context, id, mimeType) => files().downloads.grantStream(id, mimeType),
    grantDownload: (_context, ids) => files().downloads.grantDownload(ids),
    revokeTicket: async (_context, id) => tickets.revoke(id),
    openPageDownload: (_context, ids) => files().downloads.openPageDownload(ids),
    readPageDownload: ({ signal }, id, index, start, end) =>
      files().downloads.readPageDownload(id, index, start, end, signal),
    closePageDownload: async (_context, id, error) =>
      files().downloads.closePageDownload(id, error),
  } satisfies Partial<Handlers<EngineProtocol>>;
}

/** Uploads and other transfers. */
export function transferHandlers(files: OpenFiles) {
  return {
    upload: async (_context, folder, items, onConflict) =>
      files().uploads.add(folder, items, onConflict),
    pause: async (_context, id) => files().transfers.task(id).pause(),
    resumeTransfer: async (_context, id) => files().transfers.task(id).resume(),
    resumeWithFile: (_context, id, file) => files().uploads.resumeWithFile(id, file),
    cancel: async (_context, id) => files().transfers.task(id).cancel(),
    retry: async (_context, id) => files().transfers.task(id).retry(),
    clearFinished: async () => files().transfers.clearFinished(),
    watchFiles: async ({ signal, progress }, id) =>
      files().transfers.task(id).files?.watch(progress, signal),
  } satisfies Partial<Handlers<EngineProtocol>>;
}
