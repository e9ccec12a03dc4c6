/** What screens can ask for. Plain descriptions and byte streams only: no key, hash or block crosses this line. */
import type {
  AppListener,
  AppOffer,
  AppAudience,
  AppPackageSource,
  AppPublication,
  AppQuestion,
  AppReview,
  AppShortcut,
  AppSession,
  AppsReport,
  AppToRun,
  AppUpdateFacts,
} from './app-types.ts';
import type { ErrorKind } from '#lib/bytes/index.ts';
import type {
  PageKey,
  ThemeName,
  ViewerChoice,
  ViewerFailure,
  ViewerKind,
} from '#lib/frames/index.ts';
import type { ErrorDescription } from '#lib/rpc/index.ts';

export type * from './app-types.ts';
export type EntryId = string; // opaque, valid for this session of the engine; never in a URL
export interface Entry {
  readonly id: EntryId;
  readonly name: string;
  readonly kind: 'folder' | 'file';
  readonly mimeType: string;
  readonly createdMs: number | undefined;
  readonly hidden: boolean;
  readonly unreadable?: string; // sentence: why it cannot be opened; can still be removed
  readonly editable?: boolean; // in the tree of somebody else: it may be changed, whatever its folder
  readonly given?: boolean; // in the tree of somebody else: shared by itself, so that it can be left
}
/** The id for `undo`; absent where the operation cannot be undone. */
export interface Undoable {
  readonly undo?: string;
}
/** An entry an operation made or changed. */
export type Made = Entry & Undoable;
/** A copy; what could not be read, with all below it, is not in it. */
export type Copied = Undoable & { readonly leftOut: readonly TransferFailure[] };
/** Something in the trash, with the folder it was in, and where it lies now. */
export interface TrashedEntry extends Entry {
  readonly from: readonly string[];
  readonly trashedMs: number;
  readonly path: readonly string[];
}
/** How much lies in folders. */
export interface FolderSum {
  readonly bytes: number;
  readonly files: number;
  /** Below those asked about. */
  readonly folders: number;
  /** Neither counted nor added: they could not be opened. */
  readonly unreadable: number;
}
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}
export interface EntryDetails {
  readonly id: EntryId;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** Absent where nothing says it: an uploaded file has only its own time. */
  readonly createdMs?: number;
  readonly mimeType: string;
  readonly hidden: boolean;
  readonly thumbnail?: Blob;
  readonly contentHash?: string;
  readonly error?: string;
}
/** What a file is by its first bytes, its name and its label, and which viewer shows it. */
export interface Inspected {
  readonly viewer: 'image' | 'video' | 'audio' | 'text' | 'pdf' | 'document' | undefined; // undefined: none
  readonly kind: 'image' | 'video' | 'audio' | 'text' | 'document' | 'archive' | 'other';
  readonly mimeType: string; // to ask for a stream with
  readonly sizeBytes: number;
}
export interface ReadText {
  readonly text: string;
  readonly encoding: string; // a label of the Encoding standard
  readonly truncated: boolean;
}
export interface Folder {
  readonly entry: Entry;
  readonly path: readonly string[]; // from its root: [username] is the home
  readonly writable: boolean;
}
/** An account by its name and the server it lives on; without one it lives in this browser. */
export interface AccountName {
  readonly username: string;
  /** Origin of the server. */
  readonly server?: string;
}
export interface Account extends AccountName {
  readonly staysSignedIn: boolean;
}
/** A server that was asked. */
export interface ServerReport {
  /** Its origin, as accounts there are named by. */
  readonly server: string;
  /** Whether it takes new accounts without a token. */
  readonly takesSignUps: boolean;
}
export interface SecondFactor {
  readonly kind: 'totp' | 'security-key' | 'backup-codes' | 'mount';
  /** What its owner called it; of backup codes, how many are left. */
  readonly name: string;
  readonly credential: Uint8Array;
  readonly createdDay: number; // days since 1970
  readonly isEnabled: boolean;
}
/** What was typed (of an authenticator app, or a backup code), or what a security key answered. */
export type SecondFactorProof = { readonly code: string } | SecurityKeyProof;
export interface SecurityKeyProof {
  readonly credential: Uint8Array;
  readonly authenticatorData: Uint8Array; // at registration the attestation object
  readonly clientData: Uint8Array;
  readonly signature: Uint8Array;
}
/** A server requires one of these factors to continue an operation. */
/** How an account differs from what this browser remembers; the name of the error that says so. */
export type AccountChange = 'IdentityReplaced' | 'PasswordWeakened' | 'PasswordReplaced';

export interface SecondFactorQuestion {
  readonly id: string;
  readonly factors: readonly SecondFactor[];
  /** What a security key signs. */
  readonly challenge: Uint8Array;
  /** Why the answer before was not taken. */
  readonly refusal?: ErrorDescription;
}
/** An operation that may meet a second factor; asked again while answers are refused. */
export interface Asking {
  /** A rejection cancels the operation, and so does its absence where a second factor is asked for. */
  readonly prove?: (question: SecondFactorQuestion) => Promise<SecondFactorProof>;
  readonly signal?: AbortSignal | undefined;
}
export interface ResealProgress {
  readonly files: number; // sealed anew so far
  readonly bytes: number;
}
export interface ByteProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}
export interface MoveProgress extends ByteProgress {
  readonly phase: 'copying' | 'checking';
}
export type SessionState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'signed-out'; readonly accounts: readonly Account[] }
  | ({ readonly kind: 'signed-in' } & AccountName);
export interface StorageReport {
  /** Absent: this browser. */
  readonly server?: string;
  readonly persistent: boolean | undefined;
  readonly usedBytes: number;
  /** Absent where there is no limit or it is not known. */
  readonly quotaBytes?: number;
  readonly browserUsageBytes?: number;
  readonly browserQuotaBytes?: number;
}
export type { ErrorDescription, ErrorKind };
export interface UploadItem {
  readonly path: readonly string[] /* relative; last = name; folders before it are made */;
  readonly file?: File; /* absent: an empty folder */
}
export type TransferState = 'waiting' | 'running' | 'paused' | 'failed' | 'done' | 'cancelled';
/** Up and down, and what is done within the drive. */
export type TransferDirection = 'up' | 'down' | 'copy' | 'move' | 'remove';
export interface Transfer {
  readonly id: string;
  readonly direction: TransferDirection;
  /** The name of the first entry, if there are several. */
  readonly name: string;
  /** How many files and folders lie directly in `folderPath`; absent if it is one. */
  readonly items?: number;
  readonly folderPath: readonly string[];
  /** Without what was skipped; 0 while it is not known. */
  readonly totalBytes: number;
  readonly doneBytes: number;
  /** How much is done, from 0 to 1, where bytes alone do not tell it: of several files. */
  readonly share?: number;
  /** 0 while it is not known. */
  readonly files: number;
  readonly filesDone: number;
  /** Their names were taken, and what was there stayed. */
  readonly filesSkipped: number;
  readonly filesFailed: number;
  readonly state: TransferState;
  readonly error?: ErrorDescription;
  readonly bytesPerSecond: number;
  readonly secondsLeft?: number;
  /** The file being worked on, below `folderPath`. */
  readonly current?: readonly string[];
  /** The first file that could not be stored; `watchFiles` names all, `retry` tries them again. */
  readonly failure?: TransferFailure;
  /** An upload of an earlier visit: it goes on when the same file is chosen again (`resumeWithFile`). */
  readonly needsFile?: boolean;
}
export interface TransferFailure {
  readonly path: readonly string[];
  readonly error: ErrorDescription;
}
export type TransferFileState = 'waiting' | 'running' | 'done' | 'failed' | 'skipped' | 'cancelled';
/** One file of a transfer. */
export interface TransferFile {
  readonly path: readonly string[];
  readonly sizeBytes: number;
  readonly doneBytes: number;
  readonly state: TransferFileState;
  readonly error?: ErrorDescription;
}
/** A file with its place in its transfer. */
export type NumberedFile = TransferFile & { readonly at: number };
/** A place in the app. */
export type Route = {
  /** The screen, by name: `drive`, `view`, `settings`, `trash`, or what another room adds. */
  readonly app: string;
  /** From its root; empty where a screen shows nothing of a tree. */
  readonly path: readonly string[];
  readonly args?: Record<string, string>;
};
/** Changes that are stored on this device until the server accepts them. */
export interface PendingChanges {
  readonly changes: number;
  readonly isSending: boolean;
  /** Why the server refused them, although it can be reached. */
  readonly failure?: ErrorDescription;
  /** Names of the files it refused; the others were sent. */
  readonly refused?: readonly string[];
}
export interface SignOutOptions {
  /** Pending changes are deleted. */
  readonly discardsChanges?: boolean;
}
/** The result of sending pending changes; names of files and folders. */
export interface SentReport {
  /** Changed in two places: both versions are there. */
  readonly keptBoth: readonly string[];
  /** Deleted in one place and changed in another: still there. */
  readonly notDeleted: readonly string[];
  /** Could not be read any more. */
  readonly lost: readonly string[];
}
/** Who is who to the account that is signed in; usernames. */
export interface PeopleState {
  readonly friends: readonly string[]; // who are followers, and are followed
  readonly followers: readonly string[];
  readonly following: readonly string[];
  readonly pendingOutgoing: readonly string[];
  readonly pendingIncoming: readonly string[];
  readonly blocked: readonly string[];
}
/** What speaks for keys that are others than those that were verified; `unexplained`: nothing. */
export type KeyChange = 'boxing-upgrade' | 'signed-identity' | 'unexplained';
export type VerificationState =
  | { readonly kind: 'not-verified' }
  | { readonly kind: 'verified' }
  | { readonly kind: 'keys-changed'; readonly change: KeyChange }; // verified once
/** What two people compare to know that each has the other's keys. */
export interface FriendVerification {
  readonly safetyNumber: string; // 60 digits, the same for both
  readonly qrText: string; // for the friend to scan
  readonly state: VerificationState;
}
/** Somebody who was verified once. */
export interface VerifiedPerson {
  readonly username: string;
  readonly state: VerificationState;
}
/** A field of a profile, shared on its own; `webRoot` is the path of a folder, its owner's name first. */
export type ProfileField = keyof ProfileTexts | 'photo';
export interface ProfileTexts {
  readonly firstName?: string;
  readonly lastName?: string;
  readonly status?: string;
  readonly bio?: string;
  readonly phone?: string;
  readonly email?: string;
  readonly webRoot?: string;
}
/** What may be seen of somebody's profile. What others wrote is hostile text. */
export interface PersonProfile {
  readonly texts: ProfileTexts;
  /** `photoOf` draws it. */
  readonly hasPhoto: boolean;
}
/** The own website: the folder that was chosen, and whether everybody can read it. */
export interface WebsiteFacts {
  readonly root?: readonly string[];
  readonly isPublic: boolean;
}

export interface OwnProfile extends PersonProfile {
  /** Who may see which field. */
  readonly sharedWith: Readonly<Partial<Record<ProfileField, readonly ShareRecipient[]>>>;
}
export type RequestAnswer = 'follow-back' | 'allow' | 'deny';
export type ShareRight = 'read' | 'write';
export type ShareRecipient =
  | { readonly kind: 'person'; readonly username: string }
  | { readonly kind: 'group'; readonly name: 'friends' | 'followers' };
/** Access of somebody to an entry. */
export interface EntryAccess {
  readonly recipient: ShareRecipient;
  readonly right: ShareRight;
  /** What was shared, from its root: the entry itself, or a folder it lies in. */
  readonly by: readonly string[];
}
export interface SharedEntry {
  readonly path: readonly string[];
  readonly access: readonly EntryAccess[];
}
/** What came of scanning somebody's code; all but the first have verified them. */
export type Meeting = 'mismatch' | 'asked' | 'following' | 'friends';
/** Somebody we do not follow, of whom those we follow handed something on to us. */
export interface Acquaintance {
  readonly username: string;
  readonly sharers: readonly string[];
}
/** How an entry is shared by itself: who has access, and how many links lead to it. */
export interface EntrySharing {
  readonly name: string;
  readonly access: readonly EntryAccess[];
  readonly links: number;
}
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
/** Which link is meant. */
export type LinkName = Pick<SecretLink, 'path' | 'label'>;
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
/** What happened to entries of one folder. */
export interface FolderChange {
  /** The folder, from its root. */
  readonly path: readonly string[];
  /** Anything may have happened where it is `unknown`. */
  readonly change: 'added' | 'removed' | 'renamed' | 'unknown';
  /** The entries, of those renamed the old names and the new; empty where it is not known which. */
  readonly names: readonly string[];
  /** Where it was done; `elsewhere` is another device of the account, or another person. */
  readonly by: 'this-tab' | 'another-tab' | 'elsewhere';
}
export type ClientEvent =
  | { kind: 'session'; state: SessionState }
  | { kind: 'transfers'; transfers: readonly Transfer[] }
  | ({ kind: 'folder-changed' } & FolderChange)
  | { kind: 'connection'; isOnline: boolean } // the server of the account went, or came back
  | ({ kind: 'pending' } & PendingChanges)
  | ({ kind: 'sent' } & SentReport) // no change is pending any more
  | { kind: 'people'; people: PeopleState }
  | { kind: 'storage'; report: StorageReport }
  | { kind: 'warning'; error: ErrorDescription }; // nothing a person asked for failed, but it concerns him
export type ConflictChoice = 'keep-both' | 'replace' | 'skip';
/** What the screen around a viewer hears of it. */
export interface ViewerListener {
  onDirty(dirty: boolean): void;
  onKey(key: PageKey): void;
  onFollow(address: string): void;
  /** Choices for all viewers, as they are kept. */
  choices?(): Readonly<Record<string, string>>;
  onChoice?(choice: ViewerChoice, value: string): void;
  /** The file cannot be shown. */
  onFail?(why: ViewerFailure): void;
  /** Where the file was left: how many parts of it (pages) come before. */
  place?(): Promise<number>;
  onPlace?(at: number, of: number): void;
}

export interface ViewerSession {
  /** For the `src` of an iframe without attributes that allow anything. */
  readonly url: string;
  /** Takes a message that came to the window; answers the frame's first one with its ports. */
  receive(event: MessageEvent, frame: Window | null): void;
  setTheme(theme: ThemeName): void;
  /** Fails where the viewer cannot do it. */
  command(name: ViewerCommand): Promise<void>;
  focus(): void;
  close(): void;
}

export type ViewerCommand = 'save' | 'discard' | 'keep' | 'find' | 'print';
export type {
  PageKey,
  ThemeName,
  ViewerChoice,
  ViewerFailure,
  ViewerKind,
} from '#lib/frames/index.ts';

export interface Client {
  readonly state: SessionState;
  subscribe(listener: (event: ClientEvent) => void): () => void;
  // account
  ownServer(): Promise<string | undefined>; // the server the app came from, if it is a node
  checkServer(typed: string): Promise<ServerReport>;
  checkUsername(name: string, server?: string): Promise<{ ok: boolean; reason?: string }>; // rules + free there
  checkPassword(
    password: string,
    username: string,
  ): Promise<{ ok: boolean; score: 0 | 1 | 2 | 3 | 4; reason?: string }>;
  suggestPassphrase(): Promise<string>;
  signUp(
    options: AccountName & { password: string; staySignedIn: boolean; token?: string },
    signal?: AbortSignal,
  ): Promise<void>;
  signIn(
    options: AccountName & { password: string; staySignedIn: boolean; accepts?: AccountChange },
    asking?: Asking,
  ): Promise<void>;
  resume(account?: AccountName): Promise<boolean>; // stay-signed-in
  pendingChanges(account?: AccountName): Promise<number>; // what a sign-out would lose
  sendChanges(): Promise<void>; // the pending ones, now
  retryChanges(): Promise<void>; // something changed: refused changes may be accepted now
  discardChanges(): Promise<void>; // the pending ones are lost
  signOut(options?: SignOutOptions): Promise<void>; // leaves nothing readable
  forgetAccount(account: AccountName, options?: SignOutOptions): Promise<void>; // drop the stay-signed-in record
  changePassword(
    options: { oldPassword: string; newPassword: string },
    asking?: Asking,
  ): Promise<void>;
  // second factors of an account on a server
  secondFactors(): Promise<readonly SecondFactor[]>;
  addAuthenticator(): Promise<{ credential: Uint8Array; secret: string; otpauthUrl: string }>;
  confirmAuthenticator(credential: Uint8Array, code: string): Promise<boolean>; // false: wrong code
  generateBackupCodes(): Promise<readonly string[]>;
  startSecurityKey(): Promise<Uint8Array>; // the challenge
  completeSecurityKey(name: string, proof: SecurityKeyProof): Promise<boolean>;
  removeSecondFactor(credential: Uint8Array): Promise<void>;
  // taking the account along
  exportAccount(
    options: { password: string },
    onProgress: (progress: ByteProgress) => void,
    asking?: Asking,
  ): Promise<void>; // saves blocks.car and node.json
  importAccount(
    blocks: File,
    description: File,
    onProgress: (progress: ByteProgress) => void,
    signal?: AbortSignal,
  ): Promise<{ username: string; isNew: boolean }>;
  moveAccount(
    options: { server: string; password: string; token?: string },
    onProgress: (progress: MoveProgress) => void,
    asking?: Asking,
  ): Promise<void>; // to a server; what is here stays
  // folders
  openFolder(path: readonly string[], signal?: AbortSignal): Promise<Folder>;
  list(
    folder: EntryId,
    onBatch: (entries: readonly Entry[], done: boolean) => void,
    signal?: AbortSignal,
  ): Promise<void>;
  details(ids: readonly EntryId[], signal?: AbortSignal): Promise<readonly EntryDetails[]>; // rows on screen only; batched
  find(path: readonly string[], signal?: AbortSignal): Promise<{ entry: Entry; folder: Folder }>;
  measure(
    ids: readonly EntryId[],
    onSum: (sum: FolderSum) => void,
    signal?: AbortSignal,
  ): Promise<FolderSum>; // walks everything below
  pictureSize(id: EntryId, signal?: AbortSignal): Promise<PictureSize | undefined>;
  makeFolder(folder: EntryId, name: string): Promise<Made>;
  /** An empty file. */
  makeFile(folder: EntryId, name: string): Promise<Made>;
  rename(id: EntryId, name: string): Promise<Made>;
  move(ids: readonly EntryId[], target: EntryId, onConflict?: ConflictChoice): Promise<Undoable>;
  copy(ids: readonly EntryId[], target: EntryId, signal?: AbortSignal): Promise<Copied>; // throws where nothing could be read
  trash(ids: readonly EntryId[]): Promise<Undoable>; // into the hidden folder `.trash` of the home, with where it came from
  undo(undo: string): Promise<void>; // refuses, with CannotUndo or NameExists, what would harm what changed since
  listTrash(
    onBatch: (entries: readonly TrashedEntry[], done: boolean) => void,
    signal?: AbortSignal,
  ): Promise<void>;
  restore(ids: readonly EntryId[]): Promise<Undoable>;
  removeForever(ids: readonly EntryId[]): Promise<void>;
  emptyTrash(): Promise<void>;
  // people
  people(signal?: AbortSignal): Promise<PeopleState>; // answers to requests are acted on
  findPeople(text: string): Promise<readonly string[]>; // names that fit; nothing typed leaves the device
  peopleGone(signal?: AbortSignal): Promise<readonly string[]>; // whom we follow, who do not let us any more
  requestFollow(username: string): Promise<void>; // such people can be asked again
  answerRequest(username: string, answer: RequestAnswer): Promise<void>;
  blockPerson(username: string): Promise<void>; // and follow no more
  unblockPerson(username: string): Promise<void>;
  removeFollower(username: string): Promise<void>; // and take back all they were given
  share(
    ids: readonly EntryId[],
    recipients: readonly ShareRecipient[],
    right: ShareRight,
  ): Promise<void>;
  unshare(
    id: EntryId,
    recipients: readonly ShareRecipient[],
    right: ShareRight,
  ): Promise<readonly TransferFailure[]>; // what could not be opened and keeps its keys
  /** Seals contents anew at once that a revocation left under keys a former reader may have kept. */
  reseal(
    id: EntryId,
    onProgress: (progress: ResealProgress) => void,
    signal?: AbortSignal,
  ): Promise<readonly TransferFailure[]>; // what could not be read and stays as it is
  access(id: EntryId, signal?: AbortSignal): Promise<readonly EntryAccess[]>;
  /** Takes what was shared with us off what we see, until it is shared again. */
  leave(ids: readonly EntryId[]): Promise<Undoable>;
  /** How we shared entries of a folder, without those that we did not. */
  sharingIn(folder: EntryId, signal?: AbortSignal): Promise<readonly EntrySharing[]>;
  sharedByMe(signal?: AbortSignal): Promise<readonly SharedEntry[]>;
  handedOn(signal?: AbortSignal): Promise<readonly Acquaintance[]>; // what opens now
  links(id: EntryId, signal?: AbortSignal): Promise<readonly SecretLink[]>; // to this entry itself
  allLinks(signal?: AbortSignal): Promise<readonly SecretLink[]>;
  makeLink(id: EntryId, right: ShareRight, terms: SecretLinkTerms): Promise<SecretLink>;
  changeLink(link: LinkName, terms: SecretLinkTerms): Promise<SecretLink>; // its address stays
  /** The address that opens a file of the folder at once; `file`: its path below the folder. */
  linkToFile(link: LinkName, file: readonly string[]): Promise<string>;
  removeLink(link: LinkName): Promise<void>;
  verification(username: string, signal?: AbortSignal): Promise<FriendVerification>;
  compareCode(username: string, scanned: string): Promise<boolean>; // a QR code's text or 60 digits; the result is kept
  ownCode(signal?: AbortSignal): Promise<string>; // for somebody to scan from this screen
  meet(username: string, code: string): Promise<Meeting>; // of a code that was scanned: verifies, and asks or answers
  markVerified(username: string, isVerified: boolean): Promise<void>; // of the number that was shown last
  verifiedPeople(signal?: AbortSignal): Promise<readonly VerifiedPerson[]>;
  // a link, opened without an account: from then on folders, bytes and transfers are those of it
  openLink(address: string, signal?: AbortSignal): Promise<OpenedLink>; // its node is asked once
  unlockLink(password: string): Promise<OpenedLink>; // a wrong one may be tried again
  linkOwner(signal?: AbortSignal): Promise<string | undefined>;
  saveLink(signal?: AbortSignal): Promise<SavedLink>; // into the home of who is signed in here; throws NotSignedIn
  // profiles
  ownProfile(signal?: AbortSignal): Promise<OwnProfile>;
  changeProfile(texts: ProfileTexts): Promise<void>; // an empty text takes its field out
  changePhoto(picture: File | undefined): Promise<void>; // cut to a small square
  shareProfile(
    fields: readonly ProfileField[],
    recipients: readonly ShareRecipient[],
  ): Promise<void>; // of fields that hold something
  unshareProfile(field: ProfileField, recipients: readonly ShareRecipient[]): Promise<void>;
  profileOf(username: string, signal?: AbortSignal): Promise<PersonProfile>; // of whom we do not follow: nothing
  // what is public
  publish(path: readonly string[]): Promise<void>;
  unpublish(path: readonly string[]): Promise<void>;
  /** The path that makes another one public: its own, or that of a folder above. */
  publicBy(path: readonly string[], signal?: AbortSignal): Promise<readonly string[] | undefined>;
  website(signal?: AbortSignal): Promise<WebsiteFacts>;
  publishWebsite(folder: readonly string[]): Promise<void>;
  unpublishWebsite(): Promise<void>;
  /** The address that shows to anybody what is public at a path; undefined for a drive on this device. */
  publicAddress(path: readonly string[]): Promise<string | undefined>;
  photoOf(username: string, signal?: AbortSignal): Promise<Blob | undefined>; // a small square, as a raster picture
  // apps
  apps(signal?: AbortSignal): Promise<AppsReport>;
  appIcon(name: string, signal?: AbortSignal): Promise<Blob | undefined>; // hostile: for an <img> alone
  appsFor(id: EntryId, signal?: AbortSignal): Promise<readonly AppOffer[]>; // in alphabetical order
  appProposal(id: EntryId, signal?: AbortSignal): Promise<readonly string[] | undefined>; // path of a public app, where none opens the entry
  appShortcuts(signal?: AbortSignal): Promise<readonly AppShortcut[]>; // the latest first
  addShortcut(id: EntryId): Promise<void>;
  removeShortcut(path: readonly string[]): Promise<void>;
  reviewIcon(reviewId: string, signal?: AbortSignal): Promise<Blob | undefined>; // hostile: a picture, nothing else
  reviewApp(source: AppPackageSource, signal?: AbortSignal): Promise<AppReview>;
  installApp(reviewId: string): Promise<void>; // fails if it is not what was reviewed any more
  appPublication(folder: readonly string[], signal?: AbortSignal): Promise<AppPublication>;
  publishApp(folder: readonly string[], audience: AppAudience): Promise<string>; // signed; the path or address for others
  removeApp(name: string, keepData: boolean): Promise<void>;
  appUpdates(signal?: AbortSignal): Promise<readonly AppUpdateFacts[]>;
  newApp(folder: EntryId, title: string): Promise<readonly string[]>; // the path of its folder
  newAppFile(app: string, extension: string, folder: EntryId, name: string): Promise<string>;
  /** A frame with a page that an app wants to print; nothing in it runs. */
  openPrint(page: Extract<AppQuestion, { kind: 'print' }>): Promise<ViewerSession | undefined>;
  /** Runs an app in a frame; undefined where no frame can be shown. */
  openApp(
    what: AppToRun,
    opened: EntryId | undefined,
    theme: ThemeName,
    listener: AppListener,
  ): Promise<AppSession | undefined>;
  // bytes
  inspect(id: EntryId, signal?: AbortSignal): Promise<Inspected>; // what it is, by its bytes
  readText(id: EntryId, limitBytes: number, encoding?: string): Promise<ReadText>; // without an encoding: a guess
  readBytes(id: EntryId, start: number, end: number, signal?: AbortSignal): Promise<Uint8Array>; // hex view, small pieces
  canStream(): Promise<boolean>; // false: `streamUrl` reads a file whole before it answers
  streamUrl(
    id: EntryId,
    mimeType?: string,
  ): Promise<{ url: string; via: 'service-worker' | 'page'; release(): void }>; // for <video>, <audio>, <img>
  /** A frame with one of our own viewers; undefined where none can be shown: see canStream. */
  openViewer(
    viewer: ViewerKind,
    id: EntryId,
    theme: ThemeName,
    listener: ViewerListener,
  ): Promise<ViewerSession | undefined>;
  download(ids: readonly EntryId[]): Promise<void>; // one file as itself, several/folder as ZIP
  // transfers
  upload(
    folder: EntryId,
    items: readonly UploadItem[],
    onConflict?: ConflictChoice,
  ): Promise<string /* transfer id */>;
  pause(id: string): void;
  resumeTransfer(id: string): void;
  resumeWithFile(id: string, file: File): Promise<void>; // an upload found after a reload
  cancel(id: string): void;
  retry(id: string): void;
  clearFinished(): void;
  /** All files of a transfer, then those that changed, a few times a second until it is aborted. */
  watchFiles(
    id: string,
    onChange: (files: readonly NumberedFile[]) => void,
    signal: AbortSignal,
  ): Promise<void>;
  // places and storage
  sealRoute(route: Route): Promise<string>;
  openRoute(sealed: string): Promise<Route | undefined>; // C-7, padded
  storage(): Promise<StorageReport>;
  askPersistence(): Promise<boolean>;
  freeUnused(): Promise<number /* bytes */>;
}
