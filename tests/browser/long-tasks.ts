/** How long the page's one thread is busy at a stretch, from the browser's own trace. */
import type { CDPSession, Page } from '@playwright/test';

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  /** Without the time the thread waited or another had its processor. */
  readonly tdur?: number;
  readonly args?: {
    readonly name?: string;
    readonly data?: {
      readonly frames?: readonly { readonly processId?: number }[];
      readonly type?: string;
    };
  };
}

export interface LongestTask {
  readonly ms: number;
  /** The most that one task computed: on a busy machine the better measure of our code. */
  readonly computingMs: number;
}

interface Conditions {
  /** How many times slower the page's thread is made; 1 when absent. */
  readonly slowdown?: number;
}

/**
 * The longest task of the page's main thread while something is done. Of the task in which a picker gives its files, what comes before the page hears of them is the browser's own.
 */
export async function longestTask(
  page: Page,
  act: () => Promise<void>,
  { slowdown = 1 }: Conditions = {},
): Promise<LongestTask> {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => {
    events.push(...(value as unknown as TraceEvent[]));
  });
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: {
      includedCategories: [
        'toplevel',
        'devtools.timeline',
        'disabled-by-default-devtools.timeline',
      ],
    },
  });
  await act();
  await endTracing(session);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  await session.detach();
  const isHere = threadOf(events);
  const here = events.filter(isHere);
  const tasks = here.filter(({ name }) => name.endsWith('RunTask'));
  if (tasks.length === 0) throw new Error('The trace has no task of the page.');
  const picks = here.filter(({ name, args }) => {
    return name === 'EventDispatch' && args?.data?.type === 'change';
  });
  const ours = tasks.map((task) => oursOf(task, picks));
  const most = (of: 'dur' | 'tdur'): number =>
    Math.round(ours.reduce((longest, event) => Math.max(longest, event[of] ?? 0), 0) / 1000);
  return { ms: most('dur'), computingMs: most('tdur') };
}

/** A task; one in which something is picked, from where the page hears of it. */
function oursOf(task: TraceEvent, picks: readonly TraceEvent[]): TraceEvent {
  const { ts, dur = 0 } = task;
  return picks.find((pick) => pick.ts >= ts && pick.ts < ts + dur) ?? task;
}

async function endTracing(session: CDPSession): Promise<void> {
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await complete;
}

/** Tells the main thread of the page's process from all others. */
function threadOf(events: readonly TraceEvent[]): (event: TraceEvent) => boolean {
  const started = events.find(({ name }) => name === 'TracingStartedInBrowser');
  const pid = started?.args?.data?.frames?.[0]?.processId;
  const main = events.filter(
    ({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain',
  );
  const threads = new Set(
    main.filter((event) => pid === undefined || event.pid === pid).map(keyOf),
  );
  return (event) => threads.has(keyOf(event));
}

function keyOf({ pid, tid }: TraceEvent): string {
  return `${String(pid)}/${String(tid)}`;
}
