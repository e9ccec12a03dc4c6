/**
 * Whether a server answers about an account from a copy, because the account's home is away
 * (`Pyrgos-Mirror`). It does so until a pointer of the same owner comes without that mark.
 */
import { PATHS } from '#lib/protocol/index.ts';
import { MIRROR_HEADER } from '../wire/extensions.ts';
import type { AnswerHeaders } from './http-types.ts';
import type { Question } from './send-request.ts';

export interface CopySeen {
  /** When the copy was last seen to be what the home has, milliseconds since 1970; absent: unknown. */
  readonly seenMs?: number;
}

const MARK = /^(\d{1,20})(?:; seen=(\d{1,15}))?$/u;
const TELLING: ReadonlySet<string> = new Set([
  PATHS.getPointer,
  PATHS.setPointer,
  PATHS.setPointers,
]);

export class CopyWatch {
  readonly #tell: (copy: CopySeen | undefined) => void;
  #owner: string | undefined;
  #seen: string | undefined;

  /** `tell` is called when an answer comes from a copy, and when one does no more. */
  constructor(tell: (copy: CopySeen | undefined) => void) {
    this.#tell = tell;
  }

  note(headers: AnswerHeaders, question: Question): void {
    const mark = MARK.exec(headers.get(MIRROR_HEADER) ?? '');
    if (mark === null && this.#owner === undefined) return;
    const owner = [...(question.query ?? [])].find(([name]) => name === 'owner')?.[1];
    if (mark === null) {
      if (owner !== this.#owner || !TELLING.has(question.path)) return;
      this.#owner = this.#seen = undefined;
      this.#tell(undefined);
      return;
    }
    if (owner !== undefined) this.#owner = owner;
    const [, , seen] = mark;
    if (this.#owner === undefined || this.#seen === (seen ?? '')) return;
    this.#seen = seen ?? '';
    this.#tell(seen === undefined ? {} : { seenMs: Number(seen) });
  }
}
