/** How long the page's one thread is busy at a stretch, from the browser's own trace. */
import type { CDPSession, Page } from '@playwright/test';

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly args?: {
    readonly name?: string;
    readonly data?: { readonly frames?: readonly { readonly processId?: number }[] };
  };
}

/** The longest task of the page's main thread while something is done, in milliseconds. */
export async function longestTaskMs(page: Page, act: () => Promise<void>): Promise<number> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => {
    events.push(...(value as unknown as TraceEvent[]));
  });
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['toplevel', 'disabled-by-default-devtools.timeline'] },
  });
  await act();
  await endTracing(session);
  await session.detach();
  const isTask = threadOf(events);
  const tasks = events.filter((event) => event.name.endsWith('RunTask') && isTask(event));
  if (tasks.length === 0) throw new Error('The trace has no task of the page.');
  return Math.round(Math.max(...tasks.map(({ dur = 0 }) => dur / 1000)));
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
