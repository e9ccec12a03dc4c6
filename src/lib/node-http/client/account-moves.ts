/** Accounts that move or are mirrored, as they go over the wire (B-2 §12, `../wire/extensions.ts`). */
import { concat } from '#lib/bytes/index.ts';
import {
  asBoolean,
  asInteger,
  asMap,
  asText,
  encodeCbor,
  field,
  optional,
} from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import type {
  MigrationPhase,
  MigrationRequest,
  MigrationStep,
  MirrorRequest,
  MirrorStatus,
} from '#lib/node/index.ts';
import { MalformedAnswer } from '#lib/protocol/index.ts';
import { MIGRATION_ADDRESSES_MAX } from '../wire/extensions.ts';
import { bool8, framed, int64 } from '../wire/framing.ts';

const ERROR_MAX_UNITS = 100;

/** The parts of a request to move (B-1 §2.3). */
export function migrationToBytes(request: MigrationRequest): Uint8Array {
  const { username, chain, currentNode, mirrorBat, isCommit } = request;
  return concat(
    framed(username),
    framed(encodeCbor(chain)),
    framed(currentNode.bytes),
    bool8(mirrorBat !== undefined),
    mirrorBat === undefined ? new Uint8Array() : framed(encodeCbor(mirrorBat.toCbor())),
    int64(request.linkCountsAfterSeconds),
    int64(request.usageBytes),
    bool8(isCommit),
  );
}

export function mirrorToBytes(request: MirrorRequest): Uint8Array {
  const { username, chain, bat, auth, extras, login, isEnded } = request;
  return concat(
    framed(username),
    framed(encodeCbor(chain)),
    framed(encodeCbor(bat.toCbor())),
    framed(auth),
    framed(extras.token),
    framed(encodeCbor([...extras.addresses].slice(0, MIGRATION_ADDRESSES_MAX))),
    framed(login?.bytes ?? new Uint8Array()),
    framed(login?.auth ?? new Uint8Array()),
    bool8(isEnded),
  );
}

export function mirrorStatusFrom(value: CborValue): MirrorStatus {
  const what = 'The answer to a mirror';
  const map = asMap(value, what);
  const seen = optional(map, 't');
  const failure = optional(map, 'f');
  return {
    seenMs: seen === undefined ? undefined : asInteger(seen, what),
    doneBytes: asInteger(field(map, 'd', what), what),
    isBusy: asBoolean(field(map, 'b', what), what),
    failure: failure === undefined ? undefined : asText(failure, what).slice(0, ERROR_MAX_UNITS),
  };
}

const PHASES: ReadonlySet<string> = new Set<MigrationPhase>([
  'copying',
  'switching',
  'waiting',
  'unreachable',
  'damaged',
  'done',
]);

export function migrationStepFrom(value: CborValue): MigrationStep {
  const what = 'The answer to a move';
  const map = asMap(value, what);
  const phase = asText(field(map, 'p', what), what);
  if (!PHASES.has(phase)) throw new MalformedAnswer(`${what} has an unknown phase.`);
  const figure = (key: string): number => Math.max(0, asInteger(field(map, key, what), what));
  return {
    phase: phase as MigrationPhase,
    doneBytes: figure('d'),
    doneBlocks: figure('n'),
    totalBytes: figure('t'),
  };
}
