/** Secret links. */
import type { Entry, EntryId, TransferFailure } from './entries.ts';
import type { Route } from './route.ts';
import type { ShareRight } from './sharing.ts';

/** What the owner of a secret link chooses, and may choose again. */
export interface SecretLinkTerms {
  /** Empty: none is asked for. */
  readonly password: string;
  /** The last moment at which it is answered; absent: it does not end. */
  readonly endsMs?: number;
  /** How many times it is answered; absent: as often as it is asked for. */
  readonly uses?: number;
  /** A file is shown as soon as the link is opened. */
  readonly opens: boolean;
}

/** A link for anyone who has its address. Both addresses are secrets, as the password is. */
export interface SecretLink extends SecretLinkTerms {
  /** What it leads to, from its root. */
  readonly path: readonly string[];
  readonly label: string;
  readonly right: ShareRight;
  readonly address: string;
  /** The same link, with which the download begins at once. */
  readonly downloadAddress: string;
}

/** Which link is meant. */
export type LinkName = Pick<SecretLink, 'path' | 'label'>;

/** What a link leads to, as a page without an account shows it. */
export interface LinkItem {
  readonly entry: Entry;
  /** Its names from the root of the link, its own last. */
  readonly path: readonly string[];
  readonly sizeBytes: number;
  readonly writable: boolean;
  /** The address asks for it to be downloaded at once. */
  readonly downloads: boolean;
  /** Where the address asks to begin: `drive` with the item or a folder in it, or `view` with a file. */
  readonly start: Route;
}

export type OpenedLink =
  { readonly kind: 'asks-password' } | { readonly kind: 'open'; readonly item: LinkItem };

/** What was copied from a link into a drive. */
export interface SavedLink {
  readonly username: string;
  readonly leftOut: readonly TransferFailure[];
}

/** Secret links: the own ones, and one that is opened without an account. Once it is open,
 * folders, bytes and transfers are those of the link. */
export interface LinkCalls {
  links(id: EntryId, signal?: AbortSignal): Promise<readonly SecretLink[]>; // to this entry itself
  allLinks(signal?: AbortSignal): Promise<readonly SecretLink[]>;
  makeLink(id: EntryId, right: ShareRight, terms: SecretLinkTerms): Promise<SecretLink>;
  changeLink(link: LinkName, terms: SecretLinkTerms): Promise<SecretLink>; // its address stays
  /** The address that opens a file of the folder at once; `file`: its path below the folder. */
  linkToFile(link: LinkName, file: readonly string[]): Promise<string>;
  removeLink(link: LinkName): Promise<void>;
  openLink(address: string, signal?: AbortSignal): Promise<OpenedLink>; // its node is asked once
  unlockLink(password: string): Promise<OpenedLink>; // a wrong one may be tried again
  linkOwner(signal?: AbortSignal): Promise<string | undefined>;
  saveLink(signal?: AbortSignal): Promise<SavedLink>; // into the home of who is signed in here; throws NotSignedIn
}
