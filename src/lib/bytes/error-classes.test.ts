/**
 * Every error class of the sources, found in the sources themselves: one that no test throws counts
 * as well, and so does one of the screens and the commands.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { ERROR_KINDS } from './errors.ts';

const SOURCES = join(import.meta.dirname, '../../..', 'src');
/** What only tests import. */
const OF_TESTS = /\.test\.ts$|(?:^|\/)testing(?:[.-]|\/)|faults\.ts$|^lib\/paraglide\//u;

/** They stand for another error, whose name and kind they take; or have one of these names. */
const NAMED_BY_INSTANCE: Readonly<Record<string, readonly string[]>> = {
  RemoteError: [],
  SeveralFaults: [],
  AccountChanged: ['IdentityReplaced', 'PasswordWeakened', 'PasswordReplaced'],
};

const ROOT = 'PyrgosError';

interface Found {
  readonly className: string;
  readonly parent: string;
  readonly isAbstract: boolean;
  /** As written; absent where the class inherits it. */
  readonly name: string | undefined;
  readonly kind: string | undefined;
}

function classesIn(file: string): Found[] {
  const text = readFileSync(join(SOURCES, file), 'utf8');
  const script = file.endsWith('.svelte')
    ? [...text.matchAll(/<script[^>]*>(.*?)<\/script>/gsu)].map(([, code]) => code).join('\n')
    : text;
  const tree = ts.createSourceFile(file, script, ts.ScriptTarget.Latest, true);
  const found: Found[] = [];
  const visit = (node: ts.Node): void => {
    const parent = ts.isClassLike(node)
      ? node.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)
      : undefined;
    if (ts.isClassLike(node) && parent !== undefined) {
      found.push({
        className: node.name?.text ?? `without a name in ${file}`,
        parent: parent.types[0]!.expression.getText(),
        isAbstract:
          node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AbstractKeyword) === true,
        name: fieldOf(node, 'name'),
        kind: fieldOf(node, 'kind'),
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

/** The text a field is given, or its type where an instance is given it. */
function fieldOf(node: ts.ClassLikeDeclaration, field: string): string | undefined {
  for (const member of node.members) {
    if (!ts.isPropertyDeclaration(member) || member.name.getText() !== field) continue;
    const { initializer, type } = member;
    if (initializer !== undefined && ts.isStringLiteral(initializer)) return initializer.text;
    return type?.getText();
  }
  return undefined;
}

function errorClasses(): Found[] {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => /\.(?:ts|svelte)$/u.test(file) && !OF_TESTS.test(file));
  const classes = files.flatMap(classesIn);
  const errors = new Set(['Error', 'TypeError', 'RangeError', 'DOMException']);
  for (let before = -1; before !== errors.size;) {
    before = errors.size;
    for (const { className, parent } of classes) if (errors.has(parent)) errors.add(className);
  }
  return classes.filter(({ className }) => errors.has(className));
}

const found = errorClasses();
const concrete = found.filter(({ isAbstract }) => !isAbstract);

describe('the error classes of the sources', () => {
  it('are found, those outside the common root included', () => {
    const names = found.map(({ className }) => className);
    expect(names).toEqual(
      expect.arrayContaining(['PyrgosError', 'NodeUnreachable', 'TransientFailure']),
    );
    expect(names).toEqual(expect.arrayContaining(['Misused', 'BadSetting', 'EngineStopped']));
    expect(names.length).toBeGreaterThan(120);
  });

  it('have names of their own, which a minifier does not change', () => {
    const own = concrete.filter(({ className }) => !Object.hasOwn(NAMED_BY_INSTANCE, className));
    const classNames = own.map(({ className }) => className);
    expect(own.map(({ name }) => name)).toEqual(classNames);
  });

  it('never share a name', () => {
    const names = concrete.flatMap(
      ({ className, name }) => NAMED_BY_INSTANCE[className] ?? [name ?? className],
    );
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it('say of which kind they are', () => {
    const kinds = new Set<string | undefined>([...ERROR_KINDS, 'ErrorKind']);
    // A class below another may leave it at the kind of that one, but not at that of the root.
    const kindOf = ({ kind, parent }: Found): string | undefined =>
      kind ?? found.find(({ className }) => className === parent && parent !== ROOT)?.kind;
    const without = concrete.filter((each) => !kinds.has(kindOf(each)));
    expect(without.map(({ className }) => className)).toEqual([]);
  });
});
