/** Where a script names other modules, by the positions of the lexer. */
import { parse } from 'es-module-lexer/minimal/js';

const STATIC = 1;
const DYNAMIC = 2;
const META = 3;

/** What stands in the place of `import(` and of `import.meta`; each gets the script's address. */
export const IMPORT_CALL = '__pyrgosImport';
export const META_CALL = '__pyrgosMeta';

export interface ModuleText {
  /** Has `import`, `export` or `import.meta`: it runs as a module only. */
  readonly isModule: boolean;
  /** Names of modules that are imported before it runs, as they are written. */
  readonly imports: readonly string[];
  /** Names in `import('…')`. */
  readonly laterImports: readonly string[];
}

type Found = ReturnType<typeof parse>[0][number];

/** Undefined where the text is no script that the lexer can read: the browser will say what is wrong. */
function lexed(text: string): ReturnType<typeof parse> | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/** The name between quotation marks. The lexer would evaluate it, which the policy forbids. */
function nameIn(text: string, { s, e, t }: Found): string | undefined {
  const written = text.slice(s, e).trim();
  const inside = t === DYNAMIC ? /^(["'])([^]*)\1$/.exec(written)?.[2] : written;
  if (inside === undefined || !inside.includes('\\')) return inside;
  try {
    return JSON.parse(
      `"${inside.replaceAll("\\'", "'").replaceAll(/(?<!\\)"/g, '\\"')}"`,
    ) as string;
  } catch {
    return inside;
  }
}

export function readModule(text: string): ModuleText {
  const [found, exported] = lexed(text) ?? [[], []];
  const names = (kind: number): string[] =>
    found.flatMap((one) => (one.t === kind ? (nameIn(text, one) ?? []) : []));
  const isModule = exported.length > 0 || found.some(({ t }) => t === STATIC || t === META);
  return { isModule, imports: names(STATIC), laterImports: names(DYNAMIC) };
}

/**
 * The text with other names: `resolve` gives the new one, or undefined to leave it. What is imported
 * while the script runs, and `import.meta`, go to functions of the loader.
 */
export function rewriteModule(
  text: string,
  address: string,
  resolve: (name: string) => string | undefined,
): string {
  const found = lexed(text)?.[0] ?? [];
  const own = JSON.stringify(address);
  const parts: { start: number; end: number; by: string }[] = [];
  for (const one of found) {
    if (one.t === META) {
      parts.push({ start: one.s, end: one.e, by: `${META_CALL}(${own})` });
    } else if (one.t === DYNAMIC) {
      parts.push({ start: one.ss, end: one.d + 1, by: `${IMPORT_CALL}(${own},` });
    } else if (one.t === STATIC) {
      const to = resolve(nameIn(text, one) ?? '');
      if (to !== undefined) parts.push({ start: one.s, end: one.e, by: to });
    }
  }
  parts.sort((a, b) => a.start - b.start);
  let result = '';
  let last = 0;
  for (const { start, end, by } of parts) {
    result += text.slice(last, start) + by;
    last = end;
  }
  return result + text.slice(last);
}
