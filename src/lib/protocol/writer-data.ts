/**
 * The state of a writing space (A-6 §2): what its pointer points to.
 *
 * A WriterData is immutable. Fields this version does not know are kept, so that a change made
 * here loses nothing a newer client wrote. The password algorithm and the legacy entry points stay
 * opaque: the rooms that understand them read them.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { asLink, asMap, cborMap } from '#lib/codec/index.ts';
import type { CborMap, CborValue, Cid } from '#lib/codec/index.ts';
import { asKeyHash } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';

/** A WriterData block is not of the form of A-6 §2, or belongs to another writer. */
export class MalformedWriterData extends PyrgosError {
  override readonly name: string = 'MalformedWriterData';
  override readonly kind = 'damaged';
}

export interface WriterDataFields {
  /** The key this state belongs to. */
  readonly controller: KeyHash;
  /** Password generation algorithm (A-2 §4); owner only. */
  readonly algorithm?: CborValue | undefined;
  /** Hash of the public boxing key; owner only. */
  readonly inbound?: KeyHash | undefined;
  /** Root of the owned-key tree. */
  readonly owned?: Cid | undefined;
  /** Owned keys with a label: text → OwnerProof. */
  readonly named?: CborMap | undefined;
  readonly publicData?: Cid | undefined;
  /** Encrypted entry points of legacy accounts. */
  readonly staticData?: CborValue | undefined;
  /** Root of the data map. */
  readonly tree?: Cid | undefined;
  /** Root of the secret-link tree. */
  readonly links?: Cid | undefined;
}

const KNOWN: ReadonlySet<string> = new Set([
  'controller',
  'algorithm',
  'inbound',
  'owned',
  'named',
  'public',
  'static',
  'tree',
  'links',
]);

/** A writer's state as its block says it (A-6 §2). */
export class WriterData implements WriterDataFields {
  readonly controller: KeyHash;
  readonly algorithm: CborValue | undefined;
  readonly inbound: KeyHash | undefined;
  readonly owned: Cid | undefined;
  readonly named: CborMap | undefined;
  readonly publicData: Cid | undefined;
  readonly staticData: CborValue | undefined;
  readonly tree: Cid | undefined;
  readonly links: Cid | undefined;
  /** Fields of a newer version. */
  readonly unknown: CborMap;

  constructor(fields: WriterDataFields, unknown: CborMap = new Map()) {
    this.controller = fields.controller;
    this.algorithm = fields.algorithm;
    this.inbound = fields.inbound;
    this.owned = fields.owned;
    this.named = fields.named;
    this.publicData = fields.publicData;
    this.staticData = fields.staticData;
    this.tree = fields.tree;
    this.links = fields.links;
    this.unknown = unknown;
  }

  /** Reads the state of a writer. Throws {@link MalformedWriterData}, also if it is another writer's. */
  static fromCbor(value: CborValue, writer: KeyHash): WriterData {
    const data = readWriterData(value);
    if (data.controller.equals(writer)) return data;
    throw new MalformedWriterData('The state of a writer belongs to another writer.');
  }

  toCbor(): CborMap {
    return cborMap([
      ...this.unknown,
      ['controller', this.controller],
      ['algorithm', this.algorithm],
      ['inbound', this.inbound],
      ['owned', this.owned],
      ['named', this.named?.size === 0 ? undefined : this.named],
      ['public', this.publicData],
      ['static', this.staticData],
      ['tree', this.tree],
      ['links', this.links],
    ]);
  }

  /** A copy with some fields replaced; an undefined value removes the field. */
  with(changes: Partial<WriterDataFields>): WriterData {
    return new WriterData({ ...this, ...changes }, this.unknown);
  }
}

/** The shape of a state, of whichever writer. Throws {@link MalformedWriterData}. */
export function readWriterData(value: CborValue): WriterData {
  try {
    const map = asMap(value, 'The state of a writer');
    const link = (key: string): Cid | undefined => {
      const found = map.get(key);
      return found === undefined ? undefined : asLink(found, `"${key}" of a writer's state`);
    };
    const inbound = map.get('inbound');
    const named = map.get('named');
    const fields: WriterDataFields = {
      controller: asKeyHash(map.get('controller'), "The controller of a writer's state"),
      algorithm: map.get('algorithm'),
      inbound: inbound === undefined ? undefined : asKeyHash(inbound, 'The boxing key of an owner'),
      owned: link('owned'),
      named: named === undefined ? undefined : asMap(named, "The named keys of a writer's state"),
      publicData: link('public'),
      staticData: map.get('static'),
      tree: link('tree'),
      links: link('links'),
    };
    return new WriterData(fields, new Map([...map].filter(([key]) => !KNOWN.has(key))));
  } catch (error) {
    if (!(error instanceof PyrgosError)) throw error;
    throw new MalformedWriterData(error.message, { cause: error });
  }
}
