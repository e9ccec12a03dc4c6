/** Unsaved work as it is kept: when, in which form, and the text itself. Hostile input when read. */
import { count, flag, object, oneOf, text } from '#lib/rpc/index.ts';
import type { TextForm } from './text-form.ts';

export interface Draft {
  readonly savedMs: number;
  /** Of the text that the work began with: see `textPrint`. */
  readonly base: string;
  readonly form: TextForm;
  readonly text: string;
}

const draftShape = object({
  savedMs: count,
  base: text,
  form: object({
    encoding: text,
    hasMark: flag,
    lineEnds: oneOf('lf', 'crlf', 'cr', 'mixed'),
  }),
  text,
});

export function draftToBytes(draft: Draft): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(draft));
}

/** Undefined where the bytes are no draft. */
export function draftFromBytes(bytes: Uint8Array): Draft | undefined {
  try {
    return draftShape(JSON.parse(new TextDecoder().decode(bytes)), 'draft');
  } catch {
    return undefined;
  }
}
