/**
 * Small parsers for what crosses a message port. Each takes an unknown
 * value and returns it typed, or throws MalformedMessage; none coerces, and unknown fields are
 * dropped. The type of a message is read off its parser, so the two cannot drift apart.
 */
import { PyrgosError } from '#lib/bytes/index.ts';

/** A message did not have the shape its call demands: a bug on one of the two sides. */
export class MalformedMessage extends PyrgosError {
  override readonly name = 'MalformedMessage';
  override readonly kind = 'bug';
}

export type Parser<T> = (value: unknown, what: string) => T;
export type Parsed<P> = P extends Parser<infer T> ? T : never;
type Fields = Readonly<Record<string, Parser<unknown>>>;
type Flat<T> = { [K in keyof T]: T[K] };
type ObjectOf<Required extends Fields, Optional extends Fields> = Flat<
  { readonly [K in keyof Required]: Parsed<Required[K]> } & {
    readonly [K in keyof Optional]?: Parsed<Optional[K]>;
  }
>;

export const text: Parser<string> = (value, what) => {
  if (typeof value !== 'string') throw refused(what, 'text');
  return value;
};

export const flag: Parser<boolean> = (value, what) => {
  if (typeof value !== 'boolean') throw refused(what, 'true or false');
  return value;
};

export const finite: Parser<number> = (value, what) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw refused(what, 'a number');
  return value;
};

/** A count, a size, a position: a whole number from 0. */
export const count: Parser<number> = (value, what) => {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw refused(what, 'a whole number');
  return value as number;
};

export const bytes: Parser<Uint8Array> = (value, what) => {
  if (!(value instanceof Uint8Array)) throw refused(what, 'bytes');
  return value;
};

export const blob: Parser<Blob> = (value, what) => {
  if (!(value instanceof Blob)) throw refused(what, 'a blob');
  return value;
};

export const file: Parser<File> = (value, what) => {
  if (!(value instanceof File)) throw refused(what, 'a file');
  return value;
};

export const port: Parser<MessagePort> = (value, what) => {
  if (!(value instanceof MessagePort)) throw refused(what, 'a port');
  return value;
};

export const nothing: Parser<void> = () => undefined;

export const nullable =
  <T>(parser: Parser<T>): Parser<T | undefined> =>
  (value, what) =>
    value === undefined ? undefined : parser(value, what);

export const oneOf =
  <const T extends string | number>(...choices: readonly T[]): Parser<T> =>
  (value, what) => {
    if (!choices.includes(value as T)) throw refused(what, `one of ${choices.join(', ')}`);
    return value as T;
  };

export const listOf =
  <T>(parser: Parser<T>): Parser<readonly T[]> =>
  (value, what) => {
    if (!Array.isArray(value)) throw refused(what, 'a list');
    return value.map((item, i) => parser(item, `${what}[${i}]`));
  };

/** An object with these fields; an optional field may be missing, but not malformed. */
export const object =
  <Required extends Fields, Optional extends Fields = Record<never, never>>(
    required: Required,
    optional?: Optional,
  ): Parser<ObjectOf<Required, Optional>> =>
  (value, what) => {
    if (typeof value !== 'object' || value === null) throw refused(what, 'an object');
    const fields = value as Readonly<Record<string, unknown>>;
    const parsed: Record<string, unknown> = {};
    for (const [key, parser] of Object.entries(required)) {
      parsed[key] = parser(fields[key], `${what}.${key}`);
    }
    for (const [key, parser] of Object.entries(optional ?? {})) {
      if (fields[key] !== undefined) parsed[key] = parser(fields[key], `${what}.${key}`);
    }
    return parsed as ObjectOf<Required, Optional>;
  };

/** Texts by name, as a place's arguments are; names of the object prototype are no danger here. */
export const texts: Parser<Readonly<Record<string, string>>> = (value, what) => {
  if (typeof value !== 'object' || value === null) throw refused(what, 'an object');
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, text(item, `${what}.${key}`)]),
  );
};

type Shapes = Readonly<Record<string, Parser<object>>>;
type Tagged<Tag extends string, Kinds extends Shapes> = {
  [K in keyof Kinds]: Flat<Readonly<Record<Tag, K>> & Parsed<Kinds[K]>>;
}[keyof Kinds];

/** One of several objects told apart by their `kind`. */
export const byKind = <const Kinds extends Shapes>(kinds: Kinds): Parser<Tagged<'kind', Kinds>> =>
  byTag('kind', kinds);

/** One of several objects told apart by the text of one field. */
export const byTag =
  <const Tag extends string, const Kinds extends Shapes>(
    tag: Tag,
    kinds: Kinds,
  ): Parser<Tagged<Tag, Kinds>> =>
  (value, what) => {
    const kind = (object({ [tag]: text })(value, what) as Record<Tag, string>)[tag];
    const parser = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
    if (parser === undefined) throw refused(`${what}.${tag}`, `a known ${tag}`);
    return { [tag]: kind, ...parser(value, what) } as never;
  };

/** Says that a value is not what it should be. Values themselves are not repeated. */
export function refused(what: string, expected: string): MalformedMessage {
  return new MalformedMessage(`A message was refused: ${what} must be ${expected}.`);
}
