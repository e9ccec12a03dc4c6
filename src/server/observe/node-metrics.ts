/**
 * What the node counts of itself: requests, bytes, stores, connections, memory, time. Values of
 * labels come from fixed sets, so that nobody can grow them from outside.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { BlockStore, RecordStore } from '#lib/stores/index.ts';

export interface AnsweredRequest {
  readonly endpoint: string;
  readonly status: number;
  readonly seconds: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

export interface NodeMetrics {
  /** All of it in the text form of Prometheus (version 0.0.4). */
  text(): Promise<string>;
  /** Adds a value that is read when somebody asks. */
  gauge(name: string, help: string, read: () => number): void;
  answered(request: AnsweredRequest): void;
  /** The same stores, counted. */
  observe<S extends BlockStore | RecordStore>(kind: 'blocks' | 'records', store: S): S;
  close(): void;
}

/** How often the loop is looked at. */
const LOOP_INTERVAL_MS = 10;
/** Upper bounds of latencies, seconds. */
const LATENCY_BOUNDS_S = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60];

export function createNodeMetrics(version: string): NodeMetrics {
  const registry = new Registry();
  const { requests, seconds, received, sent, calls, storeSeconds, build } = addCounters(registry);
  build.inc({ version });
  const loop = monitorEventLoopDelay({ resolution: LOOP_INTERVAL_MS });
  loop.enable();
  addProcessMetrics(registry, loop);
  return {
    text: () => registry.metrics(),
    gauge: (name, help, read) => addGauge(registry, name, help, read),
    answered: ({ endpoint, status, seconds: took, receivedBytes, sentBytes }) => {
      requests.inc({ endpoint, status });
      seconds.observe({ endpoint }, took);
      received.inc({ endpoint }, receivedBytes);
      sent.inc({ endpoint }, sentBytes);
    },
    observe: (kind, store) =>
      observed(store, (call, outcome, took) => {
        calls.inc({ store: kind, call, outcome });
        storeSeconds.inc({ store: kind, call }, took);
      }),
    close: () => {
      loop.disable();
    },
  };
}

function addCounters(registry: Registry) {
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name, help, labelNames, registers });
  return {
    requests: counter('pyrgos_requests_total', 'Requests by endpoint and status.', [
      'endpoint',
      'status',
    ]),
    seconds: new Histogram({
      name: 'pyrgos_request_seconds',
      help: 'Time until the answer was given.',
      labelNames: ['endpoint'],
      buckets: LATENCY_BOUNDS_S,
      registers,
    }),
    received: counter('pyrgos_received_bytes_total', 'Bytes of request bodies.', ['endpoint']),
    sent: counter('pyrgos_sent_bytes_total', 'Bytes of answers.', ['endpoint']),
    calls: counter('pyrgos_store_calls_total', 'Calls of the stores by outcome.', [
      'store',
      'call',
      'outcome',
    ]),
    storeSeconds: counter('pyrgos_store_seconds_total', 'Time the stores took.', ['store', 'call']),
    build: counter('pyrgos_build_info', 'Version of this node.', ['version']),
  };
}

function addGauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

function addProcessMetrics(
  registry: Registry,
  loop: ReturnType<typeof monitorEventLoopDelay>,
): void {
  const gauge = (name: string, help: string, read: () => number) =>
    addGauge(registry, name, help, read);
  const nanoseconds = 1e9;
  const startedS = Math.round(performance.timeOrigin / 1000);
  gauge('process_resident_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss());
  gauge('process_heap_bytes', 'JavaScript heap in use.', () => process.memoryUsage().heapUsed);
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time.',
    registers: [registry],
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  gauge('process_start_time_seconds', 'Start, seconds since 1970.', () => startedS);
  // The time between two looks, of which the interval itself is no delay.
  const delayS = (measuredNs: number): number => {
    const seconds = measuredNs / nanoseconds - LOOP_INTERVAL_MS / 1000;
    return Number.isFinite(seconds) ? Math.max(0, seconds) : 0;
  };
  gauge('pyrgos_event_loop_delay_max_seconds', 'Longest since last asked.', () =>
    delayS(loop.count === 0 ? 0 : loop.max),
  );
  // Read last: both are told for the same time.
  gauge('pyrgos_event_loop_delay_seconds', '99th percentile since last asked.', () => {
    const delay = delayS(loop.percentile(99));
    loop.reset();
    return delay;
  });
}

/** Every method of the store, timed. A store's methods all answer promises. */
function observed<S extends object>(
  store: S,
  note: (call: string, outcome: 'ok' | 'failed', seconds: number) => void,
): S {
  type Method = (...args: unknown[]) => Promise<unknown>;
  const methods = new Map<string, Method>();
  return new Proxy(store, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name, target);
      if (typeof method !== 'function' || typeof name !== 'string') return method;
      let timed = methods.get(name);
      if (timed === undefined) {
        timed = async (...args) => {
          const start = performance.now();
          const end = (outcome: 'ok' | 'failed'): void => {
            note(name, outcome, (performance.now() - start) / 1000);
          };
          try {
            const result = await (Reflect.apply(method, target, args) as Promise<unknown>);
            end('ok');
            return result;
          } catch (error) {
            end('failed');
            throw error;
          }
        };
        methods.set(name, timed);
      }
      return timed;
    },
  });
}
