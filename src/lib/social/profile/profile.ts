/**
 * Profiles (C-6 §6.1). The own one lies in a hidden folder of the home; of a friend's one sees the
 * fields he shared. An edit leaves a file at its place, so those who may read it see the new content.
 */
import { concat, PyrgosError } from '#lib/bytes/index.ts';
import {
  childIn,
  ensureFolder,
  writeSmall,
  type Drive,
  type Handle,
  type ListedEntry,
} from '#lib/drive/index.ts';
import { NodeUnreachable } from '#lib/protocol/index.ts';
import type { SocialDeps } from '../person.ts';
import {
  fieldFromBytes,
  fileOf,
  filesOf,
  maxBytesOf,
  PROFILE_FIELDS,
  PROFILE_FOLDER,
  type ProfileChange,
  type ProfileField,
  type ProfileFields,
} from './fields.ts';

export class Profile {
  readonly #deps: Pick<SocialDeps, 'drive' | 'person'>;

  constructor(deps: Pick<SocialDeps, 'drive' | 'person'>) {
    this.#deps = deps;
  }

  /** The own profile. */
  own(signal?: AbortSignal): Promise<ProfileFields> {
    return this.of(this.#deps.person.username, signal);
  }

  /**
   * What may be seen of somebody's profile, or of some of its fields; his tree has to be one of the
   * drive's. @throws PathNotFound
   */
  async of(
    username: string,
    signal?: AbortSignal,
    fields: readonly ProfileField[] = PROFILE_FIELDS,
  ): Promise<ProfileFields> {
    const { drive } = this.#deps;
    const root = await drive.roots.open(username, signal);
    const row = await drive.find(root, PROFILE_FOLDER, signal);
    if (row === undefined) return {};
    const folder = await drive.open(root, row, signal);
    return folder.isDirectory ? readFields(drive, folder, fields, signal) : {};
  }

  /** Writes fields, all or none. @throws ProfileRefused */
  async change(changes: ProfileChange, signal?: AbortSignal): Promise<void> {
    const { drive, person } = this.#deps;
    const files = filesOf(person.username, changes);
    await drive.change(async (change, home) => {
      const folder = await ensureFolder(change, home, PROFILE_FOLDER);
      for (const [name, bytes] of files) {
        const isAbsent = (await childIn(change, folder, name)) === undefined;
        if (bytes.length === 0 && isAbsent) continue;
        await writeSmall(change, folder, name, bytes, { isHidden: false });
      }
    }, signal);
  }

  /** Where a field lies, for sharing it: it has to be written once before. */
  pathOf(field: ProfileField): readonly string[] {
    return [this.#deps.person.username, PROFILE_FOLDER, fileOf(field)];
  }
}

async function readFields(
  drive: Drive,
  folder: Handle,
  asked: readonly ProfileField[],
  signal?: AbortSignal,
): Promise<ProfileFields> {
  const rows: ListedEntry[] = [];
  for await (const batch of drive.list(folder, signal ? { signal } : {})) rows.push(...batch);
  const wanted = asked.flatMap((field) => {
    const row = rows.find(({ name }) => name === fileOf(field));
    return row === undefined ? [] : [{ field, row }];
  });
  const opened = await drive.openMany(
    folder,
    wanted.map(({ row }) => row),
    signal,
  );
  const fields = await Promise.all(
    wanted.map(({ field }, i) => readField(drive, field, opened[i], signal).catch(passedOver)),
  );
  return Object.assign({}, ...fields) as ProfileFields;
}

async function readField(
  drive: Drive,
  field: ProfileField,
  file: Handle | PyrgosError | undefined,
  signal?: AbortSignal,
): Promise<ProfileFields> {
  if (file instanceof PyrgosError) throw file;
  if (file === undefined || file.isDirectory) return {};
  if (file.properties.sizeBytes > maxBytesOf(field)) return {};
  const pieces: Uint8Array[] = [];
  for await (const piece of drive.read(file, 0, undefined, signal)) pieces.push(piece);
  return fieldFromBytes(field, concat(...pieces));
}

/** A field that cannot be opened is not shown; that a node is away is another matter. */
function passedOver(error: unknown): ProfileFields {
  if (!(error instanceof PyrgosError) || error instanceof NodeUnreachable) throw error;
  return {};
}
