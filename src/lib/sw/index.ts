/** The service worker's parts: ranges, headers, tickets, archives, the offline shell. */
export { plain } from './answer.ts';
export { answerFrame, type FrameScripts } from './frame-pages.ts';
export { connectCipher, connectPeers, openFile } from './open-file.ts';
export { Responder } from './responder.ts';
export { Shell } from './shell.ts';
export { TicketRegistry, type Pages } from './ticket-registry.ts';
