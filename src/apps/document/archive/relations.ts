/** Relations between the parts of an Office Open XML package (ECMA-376 part 2 §6.5). */
import type { DocumentArchive } from './document-archive.ts';
import { resolvePart } from './paths.ts';
import { attributeOf, childrenOf, parseXml } from './xml.ts';

export interface Relation {
  /** The last part of its type: `officeDocument`, `image`, `hyperlink`. */
  readonly type: string;
  /** A path in the archive, or an address elsewhere. */
  readonly target: string;
  readonly isOutside: boolean;
}

/** Relations of a part by their ids; of the package for an empty path. */
export async function relationsOf(
  archive: DocumentArchive,
  path: string,
): Promise<ReadonlyMap<string, Relation>> {
  const names = path.split('/');
  const file = names.pop() ?? '';
  const relations = new Map<string, Relation>();
  const source = [...names, '_rels', `${file}.rels`].join('/');
  if (!archive.has(source)) return relations;
  for (const element of childrenOf(parseXml(await archive.text(source)), 'Relationship')) {
    const target = attributeOf(element, 'Target') ?? '';
    const isOutside = attributeOf(element, 'TargetMode') === 'External';
    const resolved = isOutside ? target : resolvePart(path, target)?.path;
    if (resolved === undefined) continue;
    const type = attributeOf(element, 'Type')?.split('/').at(-1) ?? '';
    relations.set(attributeOf(element, 'Id') ?? '', { type, target: resolved, isOutside });
  }
  return relations;
}
