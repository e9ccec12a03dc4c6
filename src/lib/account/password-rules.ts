/**
 * The one rule for passwords, used when an account is made and when its password changes: not the
 * user name, and hard to guess by zxcvbn's estimate (score 3 of 4 or better). The dictionaries are
 * large, so they are loaded when a password is first judged.
 */
import { PasswordRefused } from './errors.ts';

export type PasswordScore = 0 | 1 | 2 | 3 | 4;

export interface PasswordJudgement {
  readonly ok: boolean;
  readonly score: PasswordScore;
  /** Why it is refused, and what would help. */
  readonly reason?: string;
}

/** The least score that is accepted: about 10^8 guesses, each costing one scrypt of 128 MiB. */
const LEAST_SCORE: PasswordScore = 3;
/** zxcvbn's time grows with the square of the length; what follows adds no weakness. */
export const JUDGED_UNITS = 96;

/** Judges a password for this user name. Never throws for what a person typed. */
export async function judgePassword(
  password: string,
  username: string,
): Promise<PasswordJudgement> {
  if (password.length === 0) return { ok: false, score: 0, reason: 'Please choose a password.' };
  if (password.toLowerCase() === username.toLowerCase()) {
    return { ok: false, score: 0, reason: 'The password must differ from the user name.' };
  }
  const estimate = await loadEstimator();
  const { score, warning, suggestions } = estimate(password.slice(0, JUDGED_UNITS), username);
  if (score >= LEAST_SCORE) return { ok: true, score };
  const reason = warning ?? suggestions[0] ?? 'This password is too easy to guess.';
  return { ok: false, score, reason };
}

/** Throws PasswordRefused unless the password passes. */
export async function requireGoodPassword(password: string, username: string): Promise<void> {
  const judgement = await judgePassword(password, username);
  if (!judgement.ok) {
    throw new PasswordRefused(judgement.reason ?? 'This password is too easy to guess.');
  }
}

type Estimate = (
  password: string,
  username: string,
) => { score: PasswordScore; warning: string | null; suggestions: readonly string[] };

let estimator: Promise<Estimate> | undefined;

function loadEstimator(): Promise<Estimate> {
  estimator ??= createEstimator();
  // A failed download (offline, first visit) must not be remembered.
  estimator.catch(() => (estimator = undefined));
  return estimator;
}

async function createEstimator(): Promise<Estimate> {
  const [{ ZxcvbnFactory }, common, english] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ]);
  const zxcvbn = new ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
    translations: english.translations,
  });
  return (password, username) => {
    const result = zxcvbn.check(password, [username, 'peergos', 'pyrgos']);
    return { score: result.score as PasswordScore, ...result.feedback };
  };
}
