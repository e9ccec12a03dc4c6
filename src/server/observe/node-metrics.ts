/** What the node counts of itself: requests, bytes, stores, connections, memory, time. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { BlockStore, RecordStore } from '#lib/stores/index.ts';
import { Metrics } from './metrics.ts';

export interface AnsweredRequest {
  readonly endpoint: string;
  readonly status: number;
  readonly seconds: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

export interface NodeMetrics {
  readonly metrics: Metrics;
  answered(request: AnsweredRequest): void;
  /** The same stores, counted. */
  observe<S extends BlockStore | RecordStore>(kind: 'blocks' | 'records', store: S): S;
  close(): void;
}

/** How often the loop is looked at. */
const LOOP_INTERVAL_MS = 10;

export function createNodeMetrics(version: string): NodeMetrics {
  const metrics = new Metrics();
  const requests = metrics.counter('pyrgos_requests_total', 'Requests by endpoint and status.');
  const seconds = metrics.histogram('pyrgos_request_seconds', 'Time until the answer was given.');
  const received = metrics.counter('pyrgos_received_bytes_total', 'Bytes of request bodies.');
  const sent = metrics.counter('pyrgos_sent_bytes_total', 'Bytes of answers.');
  const calls = metrics.counter('pyrgos_store_calls_total', 'Calls of the stores by outcome.');
  const storeSeconds = metrics.counter('pyrgos_store_seconds_total', 'Time the stores took.');
  const loop = monitorEventLoopDelay({ resolution: LOOP_INTERVAL_MS });
  loop.enable();
  addProcessMetrics(metrics, version, loop);
  return {
    metrics,
    answered: ({ endpoint, status, seconds: took, receivedBytes, sentBytes }) => {
      requests({ endpoint, status: String(status) });
      seconds({ endpoint }, took);
      received({ endpoint }, receivedBytes);
      sent({ endpoint }, sentBytes);
    },
    observe: (kind, store) =>
      observed(store, (call, outcome, took) => {
        calls({ store: kind, call, outcome });
        storeSeconds({ store: kind, call }, took);
      }),
    close: () => {
      loop.disable();
    },
  };
}

function addProcessMetrics(
  metrics: Metrics,
  version: string,
  loop: ReturnType<typeof monitorEventLoopDelay>,
): void {
  const nanoseconds = 1e9;
  const startedS = Math.round(performance.timeOrigin / 1000);
  const cpuSeconds = (): number => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
  metrics.counter('pyrgos_build_info', 'Version of this node.')({ version });
  metrics.gauge('process_resident_memory_bytes', 'Memory of the process.', () =>
    process.memoryUsage.rss(),
  );
  metrics.gauge(
    'process_heap_bytes',
    'JavaScript heap in use.',
    () => process.memoryUsage().heapUsed,
  );
  metrics.gauge('process_cpu_seconds_total', 'Processor time.', cpuSeconds, 'counter');
  metrics.gauge('process_start_time_seconds', 'Start, seconds since 1970.', () => startedS);
  // The time between two looks, of which the interval itself is no delay.
  const delayS = (measuredNs: number): number => {
    const seconds = measuredNs / nanoseconds - LOOP_INTERVAL_MS / 1000;
    return Number.isFinite(seconds) ? Math.max(0, seconds) : 0;
  };
  metrics.gauge('pyrgos_event_loop_delay_max_seconds', 'Longest since last asked.', () =>
    delayS(loop.count === 0 ? 0 : loop.max),
  );
  metrics.gauge('pyrgos_event_loop_delay_seconds', '99th percentile since last asked.', () => {
    const delay = delayS(loop.percentile(99));
    loop.reset(); // both are told for the same time
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
