/**
 * Asking the node (B-1 §1): who waits for whom, when to ask again, and when to give up because the
 * node is away. One request at a time is the business of {@link exchange}.
 *
 * Errors are the node's named ones, `NodeUnreachable` for whatever keeps an answer from arriving,
 * `MalformedAnswer` for one that is not of the protocol, and the reason of a caller's signal.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import type { Random } from '#lib/bytes/index.ts';
import { HomeServerAway, NodeUnreachable } from '#lib/protocol/index.ts';
import { Connection } from './connection.ts';
import { exchange, isTooSlow, lengthOf, TransientFailure } from './send-request.ts';
import type { Answer, ExchangeDeps, Question } from './send-request.ts';
import { PriorityQueue } from './priority-queue.ts';
import type { Priority } from './priority-queue.ts';
import { withDeadline } from './give-up.ts';
import { ONCE, retryPauseMs } from './retry.ts';
import type { Attempts } from './retry.ts';
import type { Pause } from './timers.ts';
import type { AnswerHeaders } from './http-types.ts';

/** Requests at once (B-1 §1.8). */
const PARALLEL_REQUESTS = 50;
const PROBE_TIMEOUT_MS = 5_000;
/** How long a read that was under way when the node went away goes on trying. */
const READ_GRACE_MS = 5_000;

/** How often an answer that came too slowly is asked for again: each attempt takes its time. */
const SLOW_ANSWERS_AGAIN = 1;

export interface Call extends Question {
  readonly priority?: Priority;
  readonly attempts?: Attempts;
}

export interface TransportDeps extends Omit<ExchangeDeps, 'readsArePosts'> {
  /** Whether reads are sent as POST (B-1 §1.2). */
  readonly isLoopback: boolean;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly random: Random;
  readonly pause: Pause;
  readonly hasNetwork: () => boolean;
  /** Given the headers of every answer, and what was asked. */
  readonly onAnswer: (headers: AnswerHeaders, question: Question) => void;
  readonly onConnection?: ((isOnline: boolean) => void) | undefined;
  /** How long any request goes on while the node is away; absent: as the protocol says. */
  readonly deadlineMs?: number | undefined;
  /** Asked when a request fails, to know whether the node is there at all. */
  readonly probePath: string;
  /** Ends everything. */
  readonly signal?: AbortSignal | undefined;
}

export class Transport {
  readonly #deps: TransportDeps;
  readonly #exchange: ExchangeDeps;
  readonly #queue = new PriorityQueue(PARALLEL_REQUESTS);
  readonly connection: Connection;

  constructor(deps: TransportDeps) {
    this.#deps = deps;
    this.#exchange = {
      origin: deps.origin,
      send: deps.send,
      pace: deps.pace,
      readsArePosts: deps.isLoopback,
    };
    const { hasNetwork, onConnection, signal, probePath } = deps;
    const timeoutMs = Math.min(PROBE_TIMEOUT_MS, 2 * (deps.deadlineMs ?? Infinity));
    const probe = async (): Promise<void> => {
      await exchange(this.#exchange, { path: probePath, timeoutMs, signal });
    };
    this.connection = new Connection({ probe, hasNetwork, onChange: onConnection, signal });
  }

  /** Asks the node, again where the protocol says so. */
  async call(call: Call): Promise<Answer> {
    const signal = this.#signalOf(call);
    this.connection.requireOnline();
    const { deadlineMs } = this.#deps;
    if (deadlineMs === undefined) return this.#retry({ ...call, signal });
    const sizeBytes = lengthOf(call.body) + (call.maxBytes ?? 0);
    const { connection } = this;
    return withDeadline({ connection, deadlineMs, sizeBytes, signal }, (bounded) =>
      this.#retry({ ...call, signal: bounded }),
    );
  }

  async #retry(call: Call): Promise<Answer> {
    const { attempts = ONCE, priority = 'interactive', signal } = call;
    const begunMs = this.#deps.clock();
    let slow = 0;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#queue.run(priority, () => this.#once(call), signal);
      } catch (error) {
        if (!(error instanceof TransientFailure)) throw error;
        if (isTooSlow(error.failure)) slow++;
        if (attempt >= attempts.count || slow > SLOW_ANSWERS_AGAIN) throw error.failure;
        await this.#pauseAfter(attempt, signal);
        const isLate = call.body === undefined && this.#deps.clock() - begunMs > READ_GRACE_MS;
        if (isLate && !this.connection.isOnline) throw error.failure;
      }
    }
  }

  async #once(question: Question): Promise<Answer> {
    try {
      const answer = await exchange(this.#exchange, question);
      this.connection.succeeded();
      this.#deps.onAnswer(answer.headers, question);
      return answer;
    } catch (error) {
      const failure = error instanceof TransientFailure ? error.failure : error;
      const isSilent = failure instanceof NodeUnreachable && !(failure instanceof HomeServerAway);
      if (isSilent) this.connection.failed();
      else if (failure instanceof PyrgosError) this.connection.succeeded();
      throw error;
    }
  }

  /** Ends early when the node is back. */
  async #pauseAfter(attempt: number, signal: AbortSignal | undefined): Promise<void> {
    const back = new AbortController();
    const stop = signal === undefined ? back.signal : AbortSignal.any([signal, back.signal]);
    const forget = this.connection.onceBack(() => back.abort());
    try {
      await this.#deps.pause(retryPauseMs(attempt, this.#deps.random), stop);
    } catch (error) {
      signal?.throwIfAborted();
      if (!back.signal.aborted) throw error;
    } finally {
      forget();
    }
  }

  #signalOf({ signal }: Call): AbortSignal | undefined {
    const whole = this.#deps.signal;
    if (signal === undefined || whole === undefined) return signal ?? whole;
    return AbortSignal.any([signal, whole]);
  }
}
