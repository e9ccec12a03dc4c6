/** Runs the probe as an app in a driven browser, and gathers what got out. */
import type { AppServer } from './server.ts';
import { DEPARTURES, probeApp } from './leak-probe.ts';
import type { Listeners } from './listeners.ts';
import type { Seen } from './pages/host.ts';

/** Runs a function in the page; arguments and result go as JSON. */
export type Run = <A extends readonly unknown[], R>(
  work: (...args: A) => R | Promise<R>,
  ...args: A
) => Promise<R>;

export interface Leaks {
  /** Of the listeners on another address, and of the site's own server, while the app ran. */
  readonly heard: readonly string[];
  /** The same while it left its frame, by each way that ends it. */
  readonly heardAtEnd: readonly string[];
  /** Documents with fresh globals that ran a script. */
  readonly realms: readonly unknown[];
  /** What each way said, to see that it was tried. */
  readonly outcomes: Readonly<Record<string, string>>;
}

interface Probed {
  readonly run: Run;
  readonly listeners: Listeners;
  readonly server: AppServer;
  /** The app has an origin of its own. */
  readonly hasOwnOrigin?: boolean;
  /** What a person does in the frame: clicks, pastes, drops. */
  readonly act: () => Promise<void>;
}

const THROUGH_MS = 10_000;
/** STUN is sent when the candidates of this machine are known; the control shows how soon. */
const SETTLE_MS = 1_500;
const DEPARTURE_MS = 250;

export async function watch({
  run,
  listeners,
  server,
  hasOwnOrigin = false,
  act,
}: Probed): Promise<Leaks> {
  listeners.forget();
  const assets = probeApp(listeners);
  const origin = hasOwnOrigin ? server.appOrigin : null;
  const open = (query: string): Promise<void> =>
    run(
      (app, search, at) => harness.open({ assets: app, query: search, origin: at ?? undefined }),
      assets,
      query,
      origin,
    );
  await open('');
  const end = Date.now() + THROUGH_MS;
  let seen = await look(run);
  while (!seen.strays.includes('through')) {
    if (Date.now() > end) throw new Error(`The probe did not end: ${seen.notes.join('\n')}`);
    await pause(100);
    seen = await look(run);
  }
  await act();
  await pause(SETTLE_MS);
  seen = await look(run);
  const strays = [...seen.strays];
  const heard = [...listeners.heard()];
  listeners.forget();
  for (const name of DEPARTURES) {
    await open(`?departure=${name}`);
    await pause(DEPARTURE_MS);
    strays.push(...(await look(run)).strays);
  }
  await run(() => harness.close());
  await pause(SETTLE_MS);
  return {
    heard: [...heard, ...server.asked.filter((path) => path.includes('leak'))],
    heardAtEnd: [...listeners.heard()],
    realms: strays.filter((stray) => stray !== 'through'),
    outcomes: JSON.parse(seen.data['outcomes.json'] ?? '{}') as Record<string, string>,
  };
}

function look(run: Run): Promise<Seen> {
  return run(() => harness.seen());
}

function pause(timeMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, timeMs));
}
