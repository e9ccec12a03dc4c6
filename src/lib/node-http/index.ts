/** A storage node at the other end of HTTP (B-1): the client of one, and the handler that answers for one. */
export { createHttpNode } from './client/create-http-node.ts';
export type { CopySeen } from './client/copy-watch.ts';
export type { HttpNodeOptions } from './client/create-http-node.ts';
export { sendByFetch } from './client/http-types.ts';
export type { Fetch, Incoming, Outgoing, Send } from './client/http-types.ts';
export { isLoopbackHost } from './client/loopback.ts';
export { AnswerBudget } from './handler/answer-budget.ts';
export { handleRequest } from './handler/handle-request.ts';
export { PUBLIC_PAGE } from './handler/limits.ts';
export { contentOf, refusalAnswer } from './handler/responses.ts';
export { ENDPOINTS } from './handler/routes.ts';
export { canonicalHost, canonicalOrigin } from './wire/canonical.ts';
export {
  BLOCK_GET_BULK,
  MIGRATION_STEPS,
  MIRROR,
  MIRROR_HEADER,
  NODE_REPORT,
  OFFERS_HEADER,
  PEER_ADDRESSES,
  REGISTRY_CAR,
} from './wire/extensions.ts';
export { REFUSAL_HEADER } from './wire/parse-refusal.ts';
