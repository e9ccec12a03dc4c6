/**
 * The log: one JSON object a line, on standard error. It says what happened, never to whom or to
 * what: no user names, no addresses of clients, no paths below an endpoint, no query (which carries
 * signed authorisations), no bodies and no headers. So a log may be kept and shown to others.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { LOG_LEVELS } from '../settings/settings.ts';
import type { LogLevel } from '../settings/settings.ts';

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  error(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  debug(event: string, fields?: LogFields): void;
  /** Whether lines of this level are written; for what is costly to say. */
  has(level: LogLevel): boolean;
}

/** Writes lines up to `level`. */
export function createLog(
  level: LogLevel,
  write: (line: string) => void = (line) => process.stderr.write(line),
  clock: () => number = Date.now,
): Log {
  const most = LOG_LEVELS.indexOf(level);
  const has = (it: LogLevel): boolean => LOG_LEVELS.indexOf(it) <= most;
  const at =
    (it: LogLevel) =>
    (event: string, fields: LogFields = {}) => {
      if (!has(it)) return;
      const time = new Date(clock()).toISOString();
      write(`${JSON.stringify({ time, level: it, event, ...fields })}\n`);
    };
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug'), has };
}

/** A log that says nothing. */
export const silentLog: Log = createLog('error', () => undefined);

/**
 * What may be said of a failure. Our own errors hold no secret; of others only the kind and the
 * place are told, since a library may put what it was given into its words.
 */
export function failureFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  if (error instanceof PyrgosError) {
    const cause = error.cause instanceof Error ? codeOf(error.cause) : undefined;
    return { error: error.name, message: error.message, cause };
  }
  const place = error.stack?.split('\n').find((line) => /^\s+at /u.test(line));
  return { error: error.name, code: codeOf(error), place: place?.trim() };
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
