/**
 * Counters and gauges in the text form of Prometheus (version 0.0.4). Labels come from fixed sets,
 * so that nobody can grow them from outside.
 */

type Labels = Readonly<Record<string, string>>;

interface Family {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly what: string;
  /** Lines of samples. */
  readonly samples: () => Iterable<string>;
}

/** Upper bounds of latencies, seconds. */
const LATENCY_BOUNDS_S = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60];

export class Metrics {
  readonly #families = new Map<string, Family>();

  /** Answers the function that adds to the counter. */
  counter(name: string, what: string): (labels: Labels, amount?: number) => void {
    const values = new Map<string, number>();
    const samples = function* (): Generator<string> {
      for (const [labels, value] of values) yield `${name}${labels} ${String(value)}`;
    };
    this.#families.set(name, { kind: 'counter', what, samples });
    return (labels, amount = 1) => {
      const key = labelText(labels);
      values.set(key, (values.get(key) ?? 0) + amount);
    };
  }

  /** A value that is read when somebody asks. */
  gauge(name: string, what: string, read: () => number, kind: 'gauge' | 'counter' = 'gauge'): void {
    this.#families.set(name, { kind, what, samples: () => [`${name} ${String(read())}`] });
  }

  /** Answers the function that notes a duration in seconds. */
  histogram(name: string, what: string): (labels: Labels, seconds: number) => void {
    const series = new Map<string, { labels: Labels; counts: number[]; sum: number }>();
    const samples = function* (): Generator<string> {
      for (const { labels, counts, sum } of series.values()) {
        let total = 0;
        for (const [i, count] of counts.entries()) {
          total += count;
          const le = String(LATENCY_BOUNDS_S[i] ?? '+Inf');
          yield `${name}_bucket${labelText({ ...labels, le })} ${String(total)}`;
        }
        yield `${name}_sum${labelText(labels)} ${String(sum)}`;
        yield `${name}_count${labelText(labels)} ${String(total)}`;
      }
    };
    this.#families.set(name, { kind: 'histogram', what, samples });
    return (labels, seconds) => {
      const key = labelText(labels);
      let one = series.get(key);
      if (one === undefined) {
        const counts = Array<number>(LATENCY_BOUNDS_S.length + 1).fill(0);
        series.set(key, (one = { labels, counts, sum: 0 }));
      }
      const found = LATENCY_BOUNDS_S.findIndex((bound) => seconds <= bound);
      const bucket = found < 0 ? LATENCY_BOUNDS_S.length : found;
      one.counts[bucket] = (one.counts[bucket] ?? 0) + 1;
      one.sum += seconds;
    };
  }

  text(): string {
    let text = '';
    for (const [name, { kind, what, samples }] of this.#families) {
      text += `# HELP ${name} ${what}\n# TYPE ${name} ${kind}\n`;
      for (const sample of samples()) text += `${sample}\n`;
    }
    return text;
  }
}

function labelText(labels: Labels): string {
  const parts = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"\n]/gu, '_')}"`,
  );
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}
