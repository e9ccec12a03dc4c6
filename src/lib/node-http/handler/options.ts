import type { AnswerBudget } from './answer-budget.ts';

/** Options of the operator of a node. */
export interface HandlerOptions {
  /** Accepted `Host` values, `host` or `host:port`, in any spelling (B-1 §1.4). */
  readonly hosts: readonly string[];
  /** Reads may be asked with GET. A private node answers POST alone (B-1 §1.2). */
  readonly isPublic: boolean;
  /** Origins of pages from elsewhere that may use this node. */
  readonly pageOrigins: readonly string[];
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Requests worked on at once. */
  readonly maxConcurrentRequests?: number;
  /** Requests that may be sending their body or waiting for their turn; more are answered 429. */
  readonly maxWaitingRequests?: number;
  /** How many of all these may be one client's; more are answered 429. */
  readonly maxRequestsPerClient?: number;
  /** Sum of the bodies held at once; more is answered 429. */
  readonly maxBodyBytesHeld?: number;
  /** Counts answers that are not sent yet. */
  readonly answers?: AnswerBudget;
  /** How long a body may make no progress. */
  readonly bodyIdleMs?: number;
  /** A body may take this long, and beside that as long as so many bytes a second take. */
  readonly bodyGraceMs?: number;
  readonly bodyBytesPerSecond?: number;
  /** Called with faults of the node, never with refusals. `endpoint` has no query: nothing secret. */
  readonly onError?: (endpoint: string, error: unknown) => void;
}
