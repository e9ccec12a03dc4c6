/** What a run of tests came to, out of the reports that Playwright and Vitest write as JSON. */
import { stripVTControlCharacters } from 'node:util';

export interface TestOutcome {
  readonly passed: number;
  readonly failed: number;
  /** Tests that failed first and passed when they were tried again, by name. */
  readonly flaky: readonly string[];
  /** Tests and files that failed: the name, and the first lines of the reason. */
  readonly failures: readonly string[];
}

/** Lines of a reason that the end of the output repeats. */
const REASON_LINES = 12;

interface Suite {
  readonly title: string;
  readonly suites?: readonly Suite[];
  readonly specs?: readonly Spec[];
}

interface Spec {
  readonly title: string;
  readonly file: string;
  readonly line: number;
  readonly tests: readonly {
    readonly status: string;
    readonly results: readonly { readonly error?: { readonly message?: string } }[];
  }[];
}

export interface BrowserReport {
  readonly stats: {
    readonly expected: number;
    readonly unexpected: number;
    readonly flaky: number;
  };
  readonly suites: readonly Suite[];
}

/** Names of browser tests are `file:line › group › name`. */
export function browserOutcome({ stats, suites }: BrowserReport): TestOutcome {
  const { expected, unexpected, flaky } = stats;
  // The outermost suites are the files.
  const specs = suites.flatMap((file) => specsIn(file, []));
  const ended = (wanted: string): typeof specs =>
    specs.filter(({ tests }) => tests.some(({ status }) => status === wanted));
  return {
    passed: expected + flaky,
    failed: unexpected,
    flaky: ended('flaky').map(({ name }) => name),
    failures: ended('unexpected').map(({ name, tests }) => {
      const errors = tests.flatMap(({ results }) => results.map(({ error }) => error?.message));
      return described(
        name,
        errors.find((message) => message !== undefined),
      );
    }),
  };
}

function specsIn(
  { suites = [], specs = [] }: Suite,
  groups: readonly string[],
): { readonly name: string; readonly tests: Spec['tests'] }[] {
  const own = specs.map(({ file, line, title, tests }) => ({
    name: [`${file}:${String(line)}`, ...groups, title].join(' › '),
    tests,
  }));
  return [...own, ...suites.flatMap((suite) => specsIn(suite, [...groups, suite.title]))];
}

export interface UnitReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    /** The file's absolute path. */
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

/**
 * Names of unit tests are `file › groups and name`; a file that would not load is a failure too. Where
 * a test passed at its second try, the reason of the first is told.
 */
export function unitOutcome(report: UnitReport, root: string): TestOutcome {
  const shortName = (file: string): string =>
    file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file;
  const failures = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = shortName(name);
    const tests = assertionResults
      .filter((test) => test.status === 'failed')
      .map((test) => described(`${file} › ${test.fullName}`, test.failureMessages?.[0]));
    return tests.length === 0 && status === 'failed' ? [described(file, message)] : tests;
  });
  const flaky = report.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status, failureMessages }) => status === 'passed' && failureMessages?.length)
      .map((test) => described(`${shortName(name)} › ${test.fullName}`, test.failureMessages?.[0])),
  );
  const { numPassedTests: passed, numFailedTests: failed } = report;
  return { passed, failed, flaky, failures };
}

function described(name: string, reason = ''): string {
  const lines = stripVTControlCharacters(reason).trim().split('\n').slice(0, REASON_LINES);
  return [name, ...lines.map((line) => `  ${line}`.trimEnd())].join('\n  ');
}
