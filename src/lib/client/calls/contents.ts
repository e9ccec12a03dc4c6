import type { EngineCaller } from './engine-caller.ts';
import type { Client } from '../types.ts';
import { assembleBlob, saveFromUrl, saveThroughPage } from '../page-files.ts';
import type { ServiceWorkerLink } from '../service-worker-link.ts';

/** What is played, shown in a frame, and downloaded: by the service worker where there is one. */
export function contentCalls(engine: EngineCaller, link: ServiceWorkerLink | undefined) {
  const isAnswered = async (): Promise<boolean> => (await link?.ready()) ?? false;
  return {
    canStream: isAnswered,
    async streamUrl(id, chosenType) {
      const granted = await engine().call('grantStream', [id, chosenType]);
      const { ticketId, mimeType, sizeBytes } = granted;
      const revoke = (): void => {
        engine()
          .call('revokeTicket', [ticketId])
          .catch(() => undefined);
      };
      if (link !== undefined && (await isAnswered())) {
        const rest = link.keepAwake();
        const release = (): void => {
          rest();
          revoke();
        };
        return { url: link.fileUrl(ticketId), via: 'service-worker', release };
      }
      revoke();
      const blob = await assembleBlob(sizeBytes, mimeType, (start, end) =>
        engine().call('readBytes', [id, start, end]),
      );
      const url = URL.createObjectURL(blob);
      return { url, via: 'page', release: () => URL.revokeObjectURL(url) };
    },
    async openViewer(viewer, id, theme, listener) {
      if (link === undefined || !(await isAnswered())) return undefined;
      const { startViewer } = await import('../frames.ts');
      const ended = new AbortController();
      const giveEngine = (port: MessagePort): void => {
        const { signal } = ended;
        engine()
          .call('serveViewer', [id, port], { signal, transfer: [port] })
          .catch(() => undefined); // its frame is gone, or the engine: what it asks fails
      };
      const session = startViewer({ siteUrl: link.siteUrl, giveEngine }, viewer, theme, listener);
      const rest = link.keepAwake();
      return {
        ...session,
        close() {
          rest();
          ended.abort();
          session.close();
        },
      };
    },
    async download(ids) {
      if (link === undefined || !(await isAnswered())) return saveThroughPage(engine(), ids);
      const { ticketId } = await engine().call('grantDownload', [ids]);
      saveFromUrl(link.fileUrl(ticketId));
    },
  } satisfies Partial<Client>;
}
