/**
 * Every call the page can make to the engine, with what it takes, gives and reports. The parsers
 * are typed by `types.ts`, so a description that changes there must change here.
 */
import { appProtocol } from './app-protocol.ts';
import type {
  Acquaintance,
  Account,
  AccountName,
  ByteProgress,
  ClientEvent,
  Copied,
  Entry,
  EntryAccess,
  EntryDetails,
  EntrySharing,
  Folder,
  FolderSum,
  FriendVerification,
  Inspected,
  LinkItem,
  LinkName,
  Meeting,
  SignOutOptions,
  Made,
  MoveProgress,
  NumberedFile,
  OpenedLink,
  OwnProfile,
  PeopleState,
  PersonProfile,
  PictureSize,
  ResealProgress,
  ProfileField,
  ProfileTexts,
  Route,
  SavedLink,
  SecondFactor,
  SecondFactorProof,
  SecondFactorQuestion,
  SecretLink,
  SecretLinkTerms,
  SecurityKeyProof,
  ServerReport,
  SessionState,
  SharedEntry,
  ShareRecipient,
  StorageReport,
  Transfer,
  TransferFailure,
  TrashedEntry,
  Undoable,
  UploadItem,
  VerificationState,
  VerifiedPerson,
  WebsiteFacts,
} from './types.ts';
import {
  blob,
  byKind,
  bytes,
  count,
  errorDescription,
  file,
  finite,
  flag,
  listOf,
  nothing,
  nullable,
  object,
  oneOf,
  port,
  text,
  texts,
  type Parsed,
  type Parser,
  shape,
} from '#lib/rpc/index.ts';

const path = listOf(text);
const ids = listOf(text);

const entryFields = {
  id: text,
  name: text,
  kind: oneOf('folder', 'file'),
  mimeType: text,
  createdMs: nullable(finite),
  hidden: flag,
} as const;
const entryOptions = { unreadable: text, editable: flag, given: flag } as const;
const entry: Parser<Entry> = object(entryFields, entryOptions);
const made: Parser<Made> = object(entryFields, { ...entryOptions, undo: text });
const undoable: Parser<Undoable> = object({}, { undo: text });
const trashedEntry: Parser<TrashedEntry> = object(
  { ...entryFields, from: path, trashedMs: finite, path },
  { unreadable: text },
);
const inspected: Parser<Inspected> = object({
  viewer: nullable(oneOf('image', 'video', 'audio', 'text', 'pdf', 'document')),
  kind: oneOf('image', 'video', 'audio', 'text', 'document', 'archive', 'other'),
  mimeType: text,
  sizeBytes: count,
});
const details: Parser<EntryDetails> = object(
  {
    id: text,
    sizeBytes: count,
    modifiedMs: finite,
    mimeType: text,
    hidden: flag,
  },
  { createdMs: finite, thumbnail: blob, contentHash: text, error: text },
);
const sum: Parser<FolderSum> = object({
  bytes: count,
  files: count,
  folders: count,
  unreadable: count,
});
const pictureSize: Parser<PictureSize> = object({ width: count, height: count });
const folder: Parser<Folder> = object({ entry, path, writable: flag });
const account: Parser<Account> = object({ username: text, staysSignedIn: flag }, { server: text });
const accountName: Parser<AccountName> = object({ username: text }, { server: text });
const server: Parser<ServerReport> = object({ server: text, takesSignUps: flag });
const secondFactor: Parser<SecondFactor> = object({
  kind: oneOf('totp', 'security-key', 'backup-codes', 'mount'),
  name: text,
  credential: bytes,
  createdDay: finite,
  isEnabled: flag,
});
const typedCode = object({ code: text });
const keyProof: Parser<SecurityKeyProof> = object({
  credential: bytes,
  authenticatorData: bytes,
  clientData: bytes,
  signature: bytes,
});
const proof: Parser<SecondFactorProof> = (value, what) =>
  typeof value === 'object' && value !== null && 'code' in value
    ? typedCode(value, what)
    : keyProof(value, what);
const question: Parser<SecondFactorQuestion> = object(
  { id: text, factors: listOf(secondFactor), challenge: bytes },
  { refusal: errorDescription },
);
const resealProgress: Parser<ResealProgress> = object({ files: count, bytes: count });
const byteProgress: Parser<ByteProgress> = object({ doneBytes: count, totalBytes: count });
const moveProgress: Parser<MoveProgress> = object({
  phase: oneOf('copying', 'checking'),
  doneBytes: count,
  totalBytes: count,
});
/** What an operation reports that may ask for a second factor meanwhile. */
const asking = <P extends object>(progress: Parser<P>) =>
  byKind({ question: object({ question }), progress: object({ progress }) });
const session: Parser<SessionState> = byKind({
  starting: object({}),
  'signed-out': object({ accounts: listOf(account) }),
  'signed-in': object({ username: text }, { server: text }),
});
const signOutOptions: Parser<SignOutOptions> = object({}, { discardsChanges: flag });
const storage: Parser<StorageReport> = object(
  {
    persistent: nullable(flag),
    usedBytes: count,
  },
  { server: text, quotaBytes: count, browserUsageBytes: count, browserQuotaBytes: count },
);
const failure: Parser<TransferFailure> = object({ path, error: errorDescription });
const copied: Parser<Copied> = object({ leftOut: listOf(failure) }, { undo: text });
const transfer: Parser<Transfer> = object(
  {
    id: text,
    direction: oneOf('up', 'down', 'copy', 'move', 'remove'),
    name: text,
    folderPath: path,
    totalBytes: count,
    doneBytes: count,
    files: count,
    filesDone: count,
    filesSkipped: count,
    filesFailed: count,
    state: oneOf('waiting', 'running', 'paused', 'failed', 'done', 'cancelled'),
    bytesPerSecond: finite,
  },
  {
    items: count,
    error: errorDescription,
    share: finite,
    secondsLeft: count,
    current: path,
    failure,
    needsFile: flag,
  },
);
const numberedFile: Parser<NumberedFile> = object(
  {
    at: count,
    path,
    sizeBytes: count,
    doneBytes: count,
    state: oneOf('waiting', 'running', 'done', 'failed', 'skipped', 'cancelled'),
  },
  { error: errorDescription },
);
const names = listOf(text);
const people: Parser<PeopleState> = object({
  friends: names,
  followers: names,
  following: names,
  pendingOutgoing: names,
  pendingIncoming: names,
  blocked: names,
});
const right = oneOf('read', 'write');
const recipient: Parser<ShareRecipient> = byKind({
  person: object({ username: text }),
  group: object({ name: oneOf('friends', 'followers') }),
});
const access: Parser<EntryAccess> = object({ recipient, right, by: path });
const sharing: Parser<EntrySharing> = object({ name: text, access: listOf(access), links: count });
const sharedEntry: Parser<SharedEntry> = object({ path, access: listOf(access) });
const meeting: Parser<Meeting> = oneOf('mismatch', 'asked', 'following', 'friends');
const acquaintance: Parser<Acquaintance> = object({ username: text, sharers: listOf(text) });
const linkTermsFields = { password: text, opens: flag } as const;
const linkTermsOptions = { endsMs: finite, uses: count } as const;
const linkTerms: Parser<SecretLinkTerms> = object(linkTermsFields, linkTermsOptions);
const linkName: Parser<LinkName> = object({ path, label: text });
const secretLink: Parser<SecretLink> = object(
  { ...linkTermsFields, path, label: text, right, address: text, downloadAddress: text },
  linkTermsOptions,
);
const verificationState: Parser<VerificationState> = byKind({
  'not-verified': object({}),
  verified: object({}),
  'keys-changed': object({ change: oneOf('boxing-upgrade', 'signed-identity', 'unexplained') }),
});
const verification: Parser<FriendVerification> = object({
  safetyNumber: text,
  qrText: text,
  state: verificationState,
});
const verifiedPerson: Parser<VerifiedPerson> = object({ username: text, state: verificationState });
const profileTexts: Parser<ProfileTexts> = object(
  {},
  {
    firstName: text,
    lastName: text,
    status: text,
    bio: text,
    phone: text,
    email: text,
    webRoot: text,
  },
);
const profileField: Parser<ProfileField> = oneOf(
  'firstName',
  'lastName',
  'status',
  'bio',
  'phone',
  'email',
  'webRoot',
  'photo',
);
const recipients = listOf(recipient);
const personProfile: Parser<PersonProfile> = object({ texts: profileTexts, hasPhoto: flag });
const website: Parser<WebsiteFacts> = object({ isPublic: flag }, { root: path });
const ownProfile: Parser<OwnProfile> = object({
  texts: profileTexts,
  hasPhoto: flag,
  sharedWith: object(
    {},
    {
      firstName: recipients,
      lastName: recipients,
      status: recipients,
      bio: recipients,
      phone: recipients,
      email: recipients,
      webRoot: recipients,
      photo: recipients,
    },
  ),
});
/** What tabs tell each other, too. */
export const folderChange = {
  path,
  change: oneOf('added', 'removed', 'renamed', 'unknown'),
  names: listOf(text),
};
const event: Parser<ClientEvent> = byKind({
  session: object({ state: session }),
  transfers: object({ transfers: listOf(transfer) }),
  'folder-changed': object({ ...folderChange, by: oneOf('this-tab', 'another-tab', 'elsewhere') }),
  connection: object({ isOnline: flag }),
  pending: object(
    { changes: count, isSending: flag },
    { failure: errorDescription, refused: listOf(text) },
  ),
  sent: object({ keptBoth: listOf(text), notDeleted: listOf(text), lost: listOf(text) }),
  people: object({ people }),
  storage: object({ report: storage }),
  warning: object({ error: errorDescription }),
});
const route: Parser<Route> = object({ app: text, path }, { args: texts });
const linkItem: Parser<LinkItem> = object({
  entry,
  path,
  sizeBytes: count,
  writable: flag,
  downloads: flag,
  start: route,
});
const openedLink: Parser<OpenedLink> = byKind({
  'asks-password': object({}),
  open: object({ item: linkItem }),
});
const savedLink: Parser<SavedLink> = object({ username: text, leftOut: listOf(failure) });
const uploadItem: Parser<UploadItem> = object({ path }, { file });
const accountChange = oneOf('IdentityReplaced', 'PasswordWeakened', 'PasswordReplaced');
const conflictChoice = nullable(oneOf('keep-both', 'replace', 'skip'));
const verdict = object({ ok: flag }, { reason: text });
const credentials = { username: text, password: text, staySignedIn: flag } as const;

/** Parts of a download that goes through the page, where no service worker can answer. */
const pageDownload = object({
  id: text,
  name: text,
  isArchive: flag,
  files: listOf(object({ path: text, sizeBytes: count, modifiedMs: finite, isFolder: flag })),
  leftOut: listOf(object({ path: text, reason: text })),
  /** Where an archive lists what it lacks. */
  listPath: text,
});
export type PageDownload = Parsed<typeof pageDownload>;

export const engineProtocol = {
  ...appProtocol,
  /** Reports events until it is aborted. */
  events: shape([], nothing, event),
  connectTickets: shape([port], nothing),
  /** A cipher worker, by the page's number of it, answers over this port. */
  connectCipher: shape([count, port], nothing),
  /** It died. */
  disconnectCipher: shape([count], nothing),
  /** The page makes connections to nodes that are named by multiaddr, asked over this port. */
  connectPeers: shape([port], nothing),

  checkServer: shape([text], server),
  checkUsername: shape([text, nullable(text)], verdict),
  checkPassword: shape(
    [text, text],
    object({ ok: flag, score: oneOf(0, 1, 2, 3, 4) }, { reason: text }),
  ),
  suggestPassphrase: shape([], text),
  signUp: shape([object(credentials, { server: text, token: text })], nothing),
  signIn: shape([object(credentials, { server: text, accepts: accountChange })], nothing, question),
  resume: shape([nullable(accountName)], flag),
  pendingChanges: shape([nullable(accountName)], count),
  sendChanges: shape([], nothing),
  retryChanges: shape([], nothing),
  discardChanges: shape([], nothing),
  signOut: shape([signOutOptions], nothing),
  forgetAccount: shape([accountName, signOutOptions], nothing),
  changePassword: shape([object({ oldPassword: text, newPassword: text })], nothing, question),
  /** To the question of an operation that is under way. */
  answerQuestion: shape([text, proof], nothing),

  secondFactors: shape([], listOf(secondFactor)),
  addAuthenticator: shape([], object({ credential: bytes, secret: text, otpauthUrl: text })),
  confirmAuthenticator: shape([bytes, text], flag),
  generateBackupCodes: shape([], listOf(text)),
  startSecurityKey: shape([], bytes),
  completeSecurityKey: shape([text, keyProof], flag),
  removeSecondFactor: shape([bytes], nothing),

  exportAccount: shape(
    [object({ password: text })],
    object({ blocks: blob, description: text }),
    asking(byteProgress),
  ),
  importAccount: shape([file, file], object({ username: text, isNew: flag }), byteProgress),
  moveAccount: shape(
    [object({ server: text, password: text }, { token: text })],
    nothing,
    asking(moveProgress),
  ),

  openFolder: shape([path], folder),
  list: shape([text], nothing, object({ entries: listOf(entry), done: flag })),
  details: shape([ids], listOf(details)),
  find: shape([path], object({ entry, folder })),
  measure: shape([ids], sum, sum),
  pictureSize: shape([text], nullable(pictureSize)),
  makeFolder: shape([text, text], made),
  makeFile: shape([text, text], made),
  rename: shape([text, text], made),
  move: shape([ids, text, conflictChoice], undoable),
  copy: shape([ids, text], copied),
  trash: shape([ids], undoable),
  undo: shape([text], nothing),
  listTrash: shape([], nothing, object({ entries: listOf(trashedEntry), done: flag })),
  restore: shape([ids], undoable),
  removeForever: shape([ids], nothing),
  emptyTrash: shape([], nothing),

  people: shape([], people),
  findPeople: shape([text], names),
  requestFollow: shape([text], nothing),
  answerRequest: shape([text, oneOf('follow-back', 'allow', 'deny')], nothing),
  blockPerson: shape([text], nothing),
  removeFollower: shape([text], nothing),
  unblockPerson: shape([text], nothing),
  share: shape([ids, listOf(recipient), right], nothing),
  unshare: shape([text, listOf(recipient), right], listOf(failure)),
  reseal: shape([text], listOf(failure), resealProgress),
  access: shape([text], listOf(access)),
  leave: shape([ids], undoable),
  sharingIn: shape([text], listOf(sharing)),
  peopleGone: shape([], listOf(text)),
  sharedByMe: shape([], listOf(sharedEntry)),
  handedOn: shape([], listOf(acquaintance)),
  links: shape([text], listOf(secretLink)),
  allLinks: shape([], listOf(secretLink)),
  makeLink: shape([text, right, linkTerms], secretLink),
  changeLink: shape([linkName, linkTerms], secretLink),
  linkToFile: shape([linkName, path], text),
  removeLink: shape([linkName], nothing),
  verification: shape([text], verification),
  ownCode: shape([], text),
  meet: shape([text, text], meeting),
  compareCode: shape([text, text], flag),
  markVerified: shape([text, flag], nothing),
  verifiedPeople: shape([], listOf(verifiedPerson)),

  openLink: shape([text, nullable(text)], openedLink),
  unlockLink: shape([text], openedLink),
  linkOwner: shape([], nullable(text)),
  saveLink: shape([], savedLink),
  ownProfile: shape([], ownProfile),
  changeProfile: shape([profileTexts], nothing),
  changePhoto: shape([nullable(file)], nothing),
  shareProfile: shape([listOf(profileField), recipients], nothing),
  unshareProfile: shape([profileField, recipients], nothing),
  profileOf: shape([text], personProfile),
  photoOf: shape([text], nullable(blob)),

  publish: shape([path], nothing),
  unpublish: shape([path], nothing),
  publicBy: shape([path], nullable(path)),
  website: shape([], website),
  publishWebsite: shape([path], nothing),
  unpublishWebsite: shape([], nothing),
  publicAddress: shape([path], nullable(text)),

  inspect: shape([text], inspected),
  readText: shape([text, count, nullable(text)], object({ text, encoding: text, truncated: flag })),
  /** Answers a viewer's frame about this file, over the port, until it is aborted. */
  serveViewer: shape([text, port], nothing),
  readBytes: shape([text, count, count], bytes),
  /** A ticket for playing or showing one file, as what its label says or as another type. */
  grantStream: shape(
    [text, nullable(text)],
    object({ ticketId: text, mimeType: text, sizeBytes: count }),
  ),
  grantDownload: shape([ids], object({ ticketId: text, name: text })),
  revokeTicket: shape([text], nothing),
  openPageDownload: shape([ids], pageDownload),
  readPageDownload: shape([text, count, count, count], bytes),
  closePageDownload: shape([text, nullable(text)], nothing),

  upload: shape([text, listOf(uploadItem), conflictChoice], text),
  pause: shape([text], nothing),
  resumeTransfer: shape([text], nothing),
  resumeWithFile: shape([text, file], nothing),
  cancel: shape([text], nothing),
  retry: shape([text], nothing),
  clearFinished: shape([], nothing),
  watchFiles: shape([text], nothing, listOf(numberedFile)),

  sealRoute: shape([route], text),
  openRoute: shape([text], nullable(route)),
  storage: shape([], storage),
  freeUnused: shape([], count),
};
export type EngineProtocol = typeof engineProtocol;
