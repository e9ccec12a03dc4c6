/**
 * Profiles, as the screens ask for them. Photos are asked for by every list of people: they are read
 * one after the other, so that they hold nothing else up, and kept small in memory for a while.
 */
import { LruMap } from '#lib/collections/index.ts';
import { PathNotFound } from '#lib/drive/index.ts';
import {
  PROFILE_FIELDS,
  Profile,
  type ProfileField,
  type ProfileFields,
  type Sharing,
  type SocialDeps,
} from '#lib/social/index.ts';
import type { OwnProfile, PersonProfile, ProfileTexts, ShareRecipient } from '../../types.ts';
import { ownPhoto, shownPhoto } from './photos.ts';
import { recipientOf } from './recipient.ts';

/** Of several hundred people. */
const PHOTOS_BYTES = 8 * 1024 * 1024;
/** What is known of somebody without a photo takes room, too. */
const ENTRY_BYTES = 512;
/** Then a photo is looked for again. */
const KEPT_MS = 5 * 60_000;

export interface ProfilesDeps {
  readonly social: SocialDeps;
  readonly sharing: Sharing;
  /** Makes the tree of somebody we follow a root of the drive. */
  readonly mount: (root: string) => Promise<void>;
}

interface KeptPhoto {
  readonly photo: Blob | undefined;
  readonly readMs: number;
}

export class Profiles {
  readonly #deps: ProfilesDeps;
  readonly #profile: Profile;
  readonly #photos = new LruMap<string, KeptPhoto>(
    PHOTOS_BYTES,
    ({ photo }) => ENTRY_BYTES + (photo?.size ?? 0),
  );
  #reading: Promise<unknown> = Promise.resolve();

  constructor(deps: ProfilesDeps) {
    this.#deps = deps;
    this.#profile = new Profile(deps.social);
  }

  /** The own profile, with who may see which field. */
  async own(signal?: AbortSignal): Promise<OwnProfile> {
    const { sharing } = this.#deps;
    const [fields, groups] = [await this.#profile.own(signal), await sharing.groups(signal)];
    const folder = this.#profile.pathOf('photo').slice(0, -1);
    const shares = await sharing.sharesIn(folder, signal);
    const sharedWith: Partial<Record<ProfileField, ShareRecipient[]>> = {};
    for (const field of PROFILE_FIELDS) {
      const { read, write } = shares.get(this.#profile.pathOf(field).at(-1) ?? '') ?? {};
      const names = new Set([...(read ?? []), ...(write ?? [])]);
      if (names.size > 0) sharedWith[field] = [...names].map((name) => recipientOf(name, groups));
    }
    return { ...shown(fields), sharedWith };
  }

  /** An empty text takes its field out. @throws ProfileRefused */
  change(texts: ProfileTexts): Promise<void> {
    return this.#profile.change(texts);
  }

  /** Takes a picture as the photo, cut to a small square; without one there is none. @throws ProfileRefused */
  async changePhoto(picture: Blob | undefined): Promise<void> {
    await this.#profile.change({ photo: picture === undefined ? null : await ownPhoto(picture) });
    // After what is being read, which may be the photo there was.
    this.#reading = this.#reading.then(() =>
      this.#photos.delete(this.#deps.social.person.username),
    );
  }

  /** Lets people see fields, which were written before. @throws PathNotFound, UnknownRecipient */
  share(fields: readonly ProfileField[], recipients: readonly ShareRecipient[]): Promise<void> {
    const paths = fields.map((field) => this.#profile.pathOf(field));
    return this.#deps.sharing.share(paths, recipients, 'read');
  }

  /** Takes a field back. */
  async unshare(field: ProfileField, recipients: readonly ShareRecipient[]): Promise<void> {
    await this.#deps.sharing.unshare(this.#profile.pathOf(field), recipients, 'read');
  }

  /** What somebody lets us see; of somebody we do not follow nothing is known. */
  async of(username: string, signal?: AbortSignal): Promise<PersonProfile> {
    return shown(await this.#read(username, PROFILE_FIELDS, signal));
  }

  /** The photo of somebody as a small square, if it may be seen and is a picture. */
  async photo(username: string, signal?: AbortSignal): Promise<Blob | undefined> {
    const read = async (): Promise<Blob | undefined> => {
      signal?.throwIfAborted();
      const kept = this.#photos.get(username);
      const nowMs = this.#deps.social.clock();
      if (kept !== undefined && nowMs - kept.readMs < KEPT_MS) return kept.photo;
      const { photo: bytes } = await this.#read(username, ['photo'], signal);
      const photo = bytes && (await shownPhoto(bytes));
      this.#photos.set(username, { photo, readMs: nowMs });
      return photo;
    };
    const mine = this.#reading.then(read);
    this.#reading = mine.catch(() => undefined);
    return mine;
  }

  async #read(
    username: string,
    fields: readonly ProfileField[],
    signal?: AbortSignal,
  ): Promise<ProfileFields> {
    await this.#deps.mount(username);
    try {
      return await this.#profile.of(username, signal, fields);
    } catch (error) {
      if (error instanceof PathNotFound) return {};
      throw error;
    }
  }
}

function shown({ photo, ...texts }: ProfileFields): PersonProfile {
  return { texts, hasPhoto: photo !== undefined };
}
