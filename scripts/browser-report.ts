/** What a run of the browser tests came to, out of the report that Playwright writes as JSON. */

interface Suite {
  readonly title: string;
  readonly suites?: readonly Suite[];
  readonly specs?: readonly Spec[];
}

interface Spec {
  readonly title: string;
  readonly file: string;
  readonly line: number;
  readonly tests: readonly { readonly status: string }[];
}

export interface BrowserReport {
  readonly stats: {
    readonly expected: number;
    readonly unexpected: number;
    readonly flaky: number;
  };
  readonly suites: readonly Suite[];
}

export interface BrowserOutcome {
  readonly passed: number;
  readonly failed: number;
  /** Tests that failed first and passed when they were tried again: `file:line › group › name`. */
  readonly flaky: readonly string[];
}

export function browserOutcome({ stats, suites }: BrowserReport): BrowserOutcome {
  const { expected, unexpected, flaky } = stats;
  return {
    passed: expected + flaky,
    failed: unexpected,
    // The outermost suites are the files.
    flaky: suites.flatMap((file) => flakyIn(file, [])),
  };
}

function flakyIn({ suites = [], specs = [] }: Suite, groups: readonly string[]): string[] {
  const own = specs
    .filter(({ tests }) => tests.some(({ status }) => status === 'flaky'))
    .map(({ file, line, title }) => [`${file}:${String(line)}`, ...groups, title].join(' › '));
  return [...own, ...suites.flatMap((suite) => flakyIn(suite, [...groups, suite.title]))];
}
