/** Profiles of people, and what an account makes public. */
import type { ShareRecipient } from './sharing.ts';

export interface ProfileTexts {
  readonly firstName?: string;
  readonly lastName?: string;
  readonly status?: string;
  readonly bio?: string;
  readonly phone?: string;
  readonly email?: string;
  readonly webRoot?: string;
}

/** A field of a profile, shared on its own; `webRoot` is the path of a folder, its owner's name first. */
export type ProfileField = keyof ProfileTexts | 'photo';

/** What may be seen of somebody's profile. What others wrote is hostile text. */
export interface PersonProfile {
  readonly texts: ProfileTexts;
  /** `photoOf` draws it. */
  readonly hasPhoto: boolean;
}

export interface OwnProfile extends PersonProfile {
  /** Who may see which field. */
  readonly sharedWith: Readonly<Partial<Record<ProfileField, readonly ShareRecipient[]>>>;
}

/** The own website: the folder that was chosen, and whether everybody can read it. */
export interface WebsiteFacts {
  readonly root?: readonly string[];
  readonly isPublic: boolean;
  /** Where everybody finds it, once it is public; undefined where the node serves no websites. */
  readonly address?: string;
}

/** Profiles, and what everybody may read. */
export interface ProfileCalls {
  ownProfile(signal?: AbortSignal): Promise<OwnProfile>;
  changeProfile(texts: ProfileTexts): Promise<void>; // an empty text takes its field out
  changePhoto(picture: File | undefined): Promise<void>; // cut to a small square
  shareProfile(
    fields: readonly ProfileField[],
    recipients: readonly ShareRecipient[],
  ): Promise<void>; // of fields that hold something
  unshareProfile(field: ProfileField, recipients: readonly ShareRecipient[]): Promise<void>;
  profileOf(username: string, signal?: AbortSignal): Promise<PersonProfile>; // of whom we do not follow: nothing
  photoOf(username: string, signal?: AbortSignal): Promise<Blob | undefined>; // a small square, as a raster picture
  publish(path: readonly string[]): Promise<void>;
  unpublish(path: readonly string[]): Promise<void>;
  /** The path that makes another one public: its own, or that of a folder above. */
  publicBy(path: readonly string[], signal?: AbortSignal): Promise<readonly string[] | undefined>;
  website(signal?: AbortSignal): Promise<WebsiteFacts>;
  publishWebsite(folder: readonly string[]): Promise<void>;
  unpublishWebsite(): Promise<void>;
  /** The address that shows to anybody what is public at a path; undefined for a drive on this device. */
  publicAddress(path: readonly string[]): Promise<string | undefined>;
}
