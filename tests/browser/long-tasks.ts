/** How long the page's one thread is busy at a stretch, from the browser's own trace. */
import type { CDPSession, Page } from '@playwright/test';

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly args?: {
    readonly name?: string;
    readonly data?: {
      readonly frames?: readonly { readonly processId?: number }[];
      readonly type?: string;
    };
  };
}

interface Conditions {
  /** How many times slower the page's thread is made; 1 when absent. */
  readonly slowdown?: number;
}

/**
 * The longest task of the page's main thread while something is done, in milliseconds. Of the task
 * in which a picker gives its files, what comes before the page hears of them is the browser's own.
 */
export async function longestTaskMs(
  page: Page,
  act: () => Promise<void>,
  { slowdown = 1 }: Conditions = {},
): Promise<number> {
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
  const longest = tasks.reduce((most, task) => Math.max(most, oursOf(task, picks)), 0);
  return Math.round(longest / 1000);
}

/** Microseconds of a task from where the page hears of what was picked; all of other tasks. */
function oursOf({ ts, dur = 0 }: TraceEvent, picks: readonly TraceEvent[]): number {
  const pick = picks.find((event) => event.ts >= ts && event.ts < ts + dur);
  return pick === undefined ? dur : ts + dur - pick.ts;
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
