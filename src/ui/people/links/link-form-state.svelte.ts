/** What is typed for a secret link, and what it comes to. */
import type { SecretLink, SecretLinkTerms, ShareRight } from '#lib/client/index.ts';
import { m } from '../../text/messages.ts';

export class LinkFormState {
  right = $state<ShareRight>('read');
  password = $state('');
  /** As a field for days has it: `2026-11-23`, or empty. */
  lastDay = $state('');
  uses = $state('');
  opens = $state(false);
  readonly usesError = $derived(
    this.uses === '' || isCount(this.uses) ? undefined : m.link_uses_wrong(),
  );
  readonly dayError = $derived(this.#isPast() ? m.link_ends_past() : undefined);
  readonly isSound = $derived(this.usesError === undefined && this.dayError === undefined);
  readonly today = dayOf(Date.now());
  readonly #before: SecretLink | undefined;

  constructor(before?: SecretLink) {
    this.#before = before;
    if (before === undefined) return;
    this.right = before.right;
    this.password = before.password;
    this.lastDay = before.endsMs === undefined ? '' : dayOf(before.endsMs);
    this.uses = before.uses?.toString() ?? '';
    this.opens = before.opens;
  }

  get terms(): SecretLinkTerms {
    const { password, opens, uses } = this;
    const endsMs = this.#endsMs();
    return {
      password,
      opens,
      ...(endsMs === undefined ? {} : { endsMs }),
      ...(uses === '' ? {} : { uses: Number(uses) }),
    };
  }

  /** The end of the day that was chosen; a moment within it that was set elsewhere stays. */
  #endsMs(): number | undefined {
    if (this.lastDay === '') return undefined;
    const before = this.#before?.endsMs;
    if (before !== undefined && dayOf(before) === this.lastDay) return before;
    return endOfDay(this.lastDay);
  }

  /** An end that has come already may stay as it is. */
  #isPast(): boolean {
    const endsMs = this.#endsMs();
    return endsMs !== undefined && endsMs !== this.#before?.endsMs && endsMs < Date.now();
  }
}

function isCount(text: string): boolean {
  return /^\d{1,9}$/u.test(text) && Number(text) >= 1;
}

/** The local day of a moment. */
function dayOf(ms: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The last whole second of a local day: a link ends at a second. */
function endOfDay(day: string): number {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date, 23, 59, 59).getTime();
}
