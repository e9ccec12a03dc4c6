/** Calls over a message port, and the parsers of what crosses it, for every worker and port. */
export * from './parsers.ts';
export {
  answerWithError,
  connect,
  describeError,
  errorDescription,
  portCalls,
  RemoteError,
  serve,
  shape,
  transferring,
} from './rpc.ts';
export type {
  CallContext,
  CallOptions,
  Caller,
  CallShape,
  ErrorDescription,
  Handlers,
  Protocol,
  Wire,
  WorkerLike,
} from './rpc.ts';
