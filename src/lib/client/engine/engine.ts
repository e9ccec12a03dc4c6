/**
 * The engine: owns the session, the embedded node's use, the drive and the transfers, and answers
 * the page's calls. It runs in a worker of its own, or anywhere in a test; it knows no DOM.
 */
import type { Random } from '#lib/bytes/index.ts';
import {
  accountKey,
  generatePassphrase,
  judgePassword,
  type SavedLogins,
} from '#lib/account/index.ts';
import type { SecondFactorQuestion } from '../types.ts';
import type { EngineProtocol } from '../engine-protocol.ts';
import { engineProtocol } from '../engine-protocol.ts';
import { serve, type CallContext, type Handlers, type Wire } from '#lib/rpc/index.ts';
import { AccountSecurity } from './session/account-security.ts';
import { Accounts, type AccountsDeps } from './session/accounts.ts';
import { createEvents, type Events } from './events.ts';
import { GuestLinks } from './guest/guest-links.ts';
import type { DraftRecords } from './frames/draft-records.ts';
import type { OpenGuest } from './guest/open-guest.ts';
import { AccountTransfer, type Asking } from './session/account-transfer.ts';
import type { NodeDirectory } from './session/node-directory.ts';
import { OpenSession, type OpenSessionDeps } from './session/open-session.ts';
import { openRoute, sealRoute } from './session/sealed-routes.ts';
import { SecondFactorQuestions } from './session/second-factor-questions.ts';
import { joinTabs, type TabChannel, type TabMessage } from './session/tabs.ts';
import { TicketIssuer } from './session/ticket-issuer.ts';

/** The cipher workers that somebody else starts for the engine. */
export interface CipherConnections {
  /** A worker, by a number of its own, answers over this port. */
  connect(id: number, port: MessagePort): void;
  /** It died. */
  disconnect(id: number): void;
  /** A port to one of them, for a service worker. */
  openPort(): MessagePort | undefined;
}

/** Nodes that are named by multiaddr, which only the page can make connections to. */
export interface PeerConnections {
  /** The page makes connections, asked over this port. */
  connect(port: MessagePort): void;
  /** A port over which a service worker asks such nodes. */
  openPort(): MessagePort;
}

export interface EngineDeps {
  readonly nodes: NodeDirectory;
  readonly savedLogins: SavedLogins;
  /** Unsaved work of this browser's accounts. */
  readonly draftRecords: DraftRecords;
  readonly random: Random;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Cipher, thumbnailer, lock. */
  readonly drive: OpenSessionDeps['drive'];
  readonly tabChannel?: TabChannel | undefined;
  readonly storageManager?: OpenSessionDeps['storageManager'];
  /** Absent: all ciphers run in this thread. */
  readonly ciphers?: CipherConnections | undefined;
  /** Absent: no node is reached by multiaddr. */
  readonly peers?: PeerConnections | undefined;
  readonly newAlgorithm?: AccountsDeps['newAlgorithm'];
}

export interface Engine {
  /** Answers calls on a wire; the result hangs up. */
  serve(wire: Wire): () => void;
  close(): void;
}

export function createEngine(deps: EngineDeps): Engine {
  const { nodes, random, clock } = deps;
  const events = createEvents();
  const tickets = new TicketIssuer(random, deps.ciphers?.openPort, deps.peers?.openPort);
  /** What an account transfers is no matter of the page of a link. */
  const accountEvents: Events = {
    ...events,
    emit(event) {
      if (event.kind !== 'transfers' || guestLinks.open === undefined) events.emit(event);
    },
  };
  const tabs = joinTabs(deps.tabChannel, (message) => void hear(message));
  const accounts = new Accounts({
    nodes,
    clock,
    savedLogins: deps.savedLogins,
    draftRecords: deps.draftRecords,
    events,
    tabs,
    random,
    newAlgorithm: deps.newAlgorithm,
    open: (session, accountNode) =>
      new OpenSession({ ...deps, accountNode, events: accountEvents, tabs, tickets }, session),
  });
  const guestLinks = new GuestLinks({ ...deps, accounts, events, tickets });
  /** On the page of a link the calls about files are about what it leads to. */
  const files: Files = () => guestLinks.open ?? accounts.current;
  const questions = new SecondFactorQuestions(random);
  const security = new AccountSecurity(accounts, questions);
  const accountTransfer = new AccountTransfer(accounts, questions);

  async function hear(message: TabMessage): Promise<void> {
    if (message.kind === 'signed-out') return accounts.signedOutElsewhere(message.account);
    if (message.kind === 'accounts-changed') {
      const state = await accounts.state();
      if (state.kind === 'signed-out') events.emit({ kind: 'session', state });
      return;
    }
    const { open } = accounts;
    if (open === undefined || accountKey(open.account) !== message.account) return;
    if (message.kind === 'folder-changed') open.tell({ ...message, by: 'another-tab' });
    else if (message.kind === 'pending-changed') open.pendingSync?.changedElsewhere();
    else if (message.kind === 'who-uploads') open.tellUploads();
    else open.heardUploads(message.paths);
  }

  const handlers: Handlers<EngineProtocol> = {
    async events({ signal, progress }) {
      const stop = events.listen(progress);
      signal.addEventListener('abort', stop);
      progress({ kind: 'session', state: await accounts.state() });
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    },
    connectTickets: async (_context, port) => tickets.connect(port),
    connectCipher: async (_context, id, port) => deps.ciphers?.connect(id, port),
    disconnectCipher: async (_context, id) => deps.ciphers?.disconnect(id),
    connectPeers: async (_context, port) => deps.peers?.connect(port),
    ...accountHandlers(accounts, questions, random),
    ...securityHandlers(security, questions),
    ...accountTransferHandlers(accountTransfer),
    ...folderHandlers(files),
    ...trashHandlers(accounts),
    ...peopleHandlers(accounts),
    ...profileHandlers(accounts),
    ...publicationHandlers(accounts),
    ...appHandlers(accounts),
    ...linkHandlers(guestLinks),
    ...byteHandlers(files, tickets),
    ...transferHandlers(files),
    ...placeHandlers(accounts, random),
  };
  return {
    serve: (wire) => serve(wire, engineProtocol, handlers),
    close() {
      guestLinks.close();
      accounts.open?.close();
      tabs.close();
      deps.savedLogins.close();
      deps.draftRecords.close();
    },
  };
}

function accountHandlers(accounts: Accounts, questions: SecondFactorQuestions, random: Random) {
  return {
    checkServer: (_context, typed) => accounts.checkServer(typed),
    checkUsername: (_context, name, server) => accounts.checkUsername(name, server),
    checkPassword: (_context, password, username) => judgePassword(password, username),
    suggestPassphrase: () => generatePassphrase(random),
    signUp: ({ signal }, options) => accounts.signUp(options, signal),
    signIn: ({ signal, progress }, options) =>
      accounts.signIn(options, questions.asking(progress, signal), signal),
    resume: (_context, account) => accounts.resume(account),
    pendingChanges: (_context, account) => accounts.pendingChanges(account),
    sendChanges: async () => accounts.current.pendingSync?.send(),
    retryChanges: async () => accounts.open?.pendingSync?.retry(),
    discardChanges: async () => accounts.current.pendingSync?.discard(),
    signOut: (_context, options) => accounts.signOut(options),
    forgetAccount: (_context, account, options) => accounts.forget(account, options),
  } satisfies Partial<Handlers<EngineProtocol>>;
}

function accountTransferHandlers(accountTransfer: AccountTransfer) {
  return {
    exportAccount: (context, options) => accountTransfer.exportAccount(options, askingOf(context)),
    importAccount: ({ signal, progress }, blocks, description) =>
      accountTransfer.importAccount({ blocks, description }, { signal, onProgress: progress }),
    moveAccount: (context, options) => accountTransfer.moveAccount(options, askingOf(context)),
  } satisfies Partial<Handlers<EngineProtocol>>;
}

/** An operation's progress and its questions go the same way. */
function askingOf<P>({
  signal,
  progress,
}: CallContext<
  { kind: 'progress'; progress: P } | { kind: 'question'; question: SecondFactorQuestion }
>): Asking<P> {
  return {
    signal,
    onProgress: (value) => progress({ kind: 'progress', progress: value }),
    onQuestion: (question) => progress({ kind: 'question', question }),
  };
}

function securityHandlers(security: AccountSecurity, questions: SecondFactorQuestions) {
  return {
    changePassword: ({ signal, progress }, options) =>
      security.changePassword(options, signal, progress),
    answerQuestion: async (_context, id, proof) => questions.answer(id, proof),
    secondFactors: () => security.secondFactors.list(),
    addAuthenticator: () => security.secondFactors.addAuthenticator(),
    confirmAuthenticator: (_context, credential, code) =>
      security.secondFactors.confirmAuthenticator(credential, code),
    generateBackupCodes: async () => (await security.secondFactors.generateBackupCodes()).codes,
    startSecurityKey: () => security.secondFactors.startSecurityKey(),
    completeSecurityKey: (_context, name, proof) =>
      security.secondFactors.completeSecurityKey(name, proof),
    removeSecondFactor: (_context, credential) => security.secondFactors.remove(credential),
  } satisfies Partial<Handlers<EngineProtocol>>;
}

type Files = () => OpenSession | OpenGuest;

function folderHandlers(files: Files) {
  return {
    openFolder: ({ signal }, path) => files().folders.openFolder(path, signal),
    list: ({ signal, progress }, id) => files().folders.list(id, progress, signal),
    details: ({ signal }, ids) => files().folders.details(ids, signal),
    find: ({ signal }, path) => files().folders.find(path, signal),
    measure: ({ signal, progress }, ids) => files().measure(ids, progress, signal),
    pictureSize: ({ signal }, id) => files().downloads.pictureSize(id, signal),
    makeFolder: (_context, id, name) => files().makeFolder(id, name),
    makeFile: (_context, id, name) => files().makeFile(id, name),
    rename: (_context, id, name) => files().folders.rename(id, name),
    move: (_context, ids, target, onConflict) => files().folders.move(ids, target, onConflict),
    copy: ({ signal }, ids, target) => files().copy(ids, target, signal),
    undo: (_context, undo) => files().undo.undo(undo),
  } satisfies Partial<Handlers<EngineProtocol>>;
}

function trashHandlers(accounts: Accounts) {
  return {
    trash: (_context, ids) => accounts.current.trash.add(ids),
    listTrash: ({ signal, progress }) => accounts.current.trash.list(progress, signal),
    restore: (_context, ids) => accounts.current.trash.restore(ids),
    async removeForever(_context, ids) {
      const { current } = accounts;
      await current.trash.removeForever(ids);
      current.collectWhenIdle();
    },
    async emptyTrash() {
      const { current } = accounts;
      await current.trash.empty();
      current.collectWhenIdle();
    },
  } satisfies Partial<Handlers<EngineProtocol>>;
}

function appHandlers(accounts: Accounts) {
  return {
    apps: ({ signal }) => accounts.current.apps.report(signal),
    appIcon: ({ signal }, name) => accounts.current.apps.packages.icon(name, signal),
    appsFor: ({ signal }, id) => accounts.current.apps.offers(id, signal),
    appProposal: ({ signal }, id) => accounts.current.apps.proposal(id, signal),
    appShortcuts: ({ signal }) => accounts.current.apps.shortcuts.list(signal),
    addShortcut: (_context, id) => accounts.current.apps.shortcuts.add(id),
    removeShortcut: (_context, path) => accounts.current.apps.shortcuts.remove(path),
    reviewApp: ({ signal }, source) => accounts.current.apps.packages.review(source, signal),
    reviewIcon: ({ signal }, id) => accounts.current.apps.packages.reviewIcon(id, signal),
    appPublication: ({ signal }, path) => accounts.current.apps.publishing.of(path, signal),
    publishApp: ({ signal }, path, audience) =>
      accounts.current.apps.publishing.publish(path, audience, signal),
    installApp: ({ signal }, id) => accounts.current.apps.packages.install(id, signal),
    removeApp: (_context, name, keepData) => accounts.current.apps.remove(name, keepData),
    appUpdates: ({ signal }) => accounts.current.apps.packages.updates(signal),
    runApp: ({ signal, progress }, what, openedId, runId) =>
      accounts.current.apps.run(what, openedId, runId, progress, signal),
    connectApp: async (_context, runId, port) => accounts.current.apps.connect(runId, port),
    appStorage: ({ signal }, runId) => accounts.current.apps.storage(runId, signal),
    answerApp: async (_context, id, answer) => accounts.current.apps.answer(id, answer),
    newApp: ({ signal }, folder, title) => accounts.current.apps.create(folder, title, signal),
    newAppFile: (_context, app, extension, folder, name) =>
      accounts.current.apps.createFile(app, extension, folder, name),
  } satisfies Partial<Handlers<EngineProtocol>>;
}

function linkHandlers(guestLinks: GuestLinks) {
  return {
    openLink: ({ signal }, address, ownServer) => guestLinks.openLink(address, ownServer, signal),
    unlockLink: ({ signal }, password) => guestLinks.unlock(password, signal),
    linkOwner: ({ signal }) => guestLinks.owner(signal),
    saveLink: ({ signal }) => guestLinks.save(signal),
  } satisfies Partial<Handlers<EngineProtocol>>;
}

function peopleHandlers(accounts: Accounts) {
  return {
    people: ({ signal }) => accounts.current.people.state(signal),
    findPeople: (_context, text) => accounts.current.people.find(text),
    requestFollow: ({ signal }, username) => accounts.current.people.request(username, signal),
    answerRequest: ({ signal }, username, answer) =>
      accounts.current.people.answer(username, answer, signal),
    blockPerson: (_context, username) => accounts.current.people.block(username),
    removeFollower: (_context, username) => accounts.current.people.removeFollower(username),
    unblockPerson: (_context, username) => accounts.current.people.unblock(username),
    share: ({ signal }, ids, recipients, right) =>
      accounts.current.people.share(ids, recipients, right, signal),
    unshare: ({ signal }, id, recipients, right) =>
      accounts.current.people.unshare(id, recipients, right, signal),
    reseal: ({ signal, progress }, id) => accounts.current.people.reseal(id, progress, signal),
    access: ({ signal }, id) => accounts.current.people.access.of(id, signal),
    leave({ signal }, ids) {
      const { people, folders } = accounts.current;
      return people.leave(folders.groups(ids), signal);
    },
    sharingIn: ({ signal }, id) => accounts.current.people.access.inFolder(id, signal),
    peopleGone: ({ signal }) => accounts.current.people.gone(signal),
    sharedByMe: ({ signal }) => accounts.current.people.access.byMe(signal),
    handedOn: ({ signal }) => accounts.current.people.handedOn(signal),
    links: ({ signal }, id) => accounts.current.people.links.of(id, signal),
    allLinks: ({ signal }) => accounts.current.people.links.all(signal),
    makeLink: ({ signal }, id, right, terms) =>
      accounts.current.people.links.make(id, right, terms, signal),
    linkToFile: ({ signal }, link, file) =>
      accounts.current.people.links.toFile(link, file, signal),
    changeLink: ({ signal }, link, terms) =>
      accounts.current.people.links.change(link, terms, signal),
    removeLink: ({ signal }, link) => accounts.current.people.links.remove(link, signal),
    verification: ({ signal }, username) =>
      accounts.current.people.verification.of(username, signal),
    ownCode: ({ signal }) => accounts.current.people.ownCode(signal),
    meet: ({ signal }, username, code) => accounts.current.people.meet(username, code, signal),
    compareCode: ({ signal }, username, scanned) =>
      accounts.current.people.verification.compare(username, scanned, signal),
    markVerified: ({ signal }, username, isVerified) =>
      accounts.current.people.verification.mark(username, isVerified, signal),
    verifiedPeople: ({ signal }) => accounts.current.people.verified(signal),
  } satisfies Partial<Handlers<EngineProtocol>>;
}

function profileHandlers(accounts: Accounts) {
  return {
    ownProfile: ({ signal }) => accounts.current.people.profiles.own(signal),
    changeProfile: (_context, texts) => accounts.current.people.profiles.change(texts),
    changePhoto: (_context, picture) => accounts.current.people.profiles.changePhoto(picture),
    shareProfile: (_context, fields, recipients) =>
      accounts.current.people.profiles.share(fields, recipients),
    unshareProfile: (_context, field, recipients) =>
      accounts.current.people.profiles.unshare(field, recipients),
    profileOf: ({ signal }, username) => accounts.current.people.profiles.of(username, signal),
    photoOf: ({ signal }, username) => accounts.current.people.profiles.photo(username, signal),
  } satisfies Partial<Handlers<EngineProtocol>>;
}

function publicationHandlers(accounts: Accounts) {
  const publications = () => accounts.current.people.publications;
  return {
    publish: (_context, path) => publications().publish(path),
    unpublish: (_context, path) => publications().unpublish(path),
    publicBy: ({ signal }, path) => publications().publicBy(path, signal),
    website: ({ signal }) => publications().website(signal),
    publishWebsite: (_context, path) => publications().publishWebsite(path),
    unpublishWebsite: () => publications().unpublishWebsite(),
    publicAddress: (_context, path) => publications().publicAddress(path),
  } satisfies Partial<Handlers<EngineProtocol>>;
}

function byteHandlers(files: Files, tickets: TicketIssuer) {
  return {
    inspect: ({ signal }, id) => files().downloads.inspect(id, signal),
    readText: (_context, id, limitBytes, encoding) =>
      files().downloads.readText(id, limitBytes, encoding),
    serveViewer: ({ signal }, id, port) => files().viewers.serve(id, port, signal),
    readBytes: ({ signal }, id, start, end) => files().downloads.readBytes(id, start, end, signal),
    grantStream: (_context, id, mimeType) => files().downloads.grantStream(id, mimeType),
    grantDownload: (_context, ids) => files().downloads.grantDownload(ids),
    revokeTicket: async (_context, id) => tickets.revoke(id),
    openPageDownload: (_context, ids) => files().downloads.openPageDownload(ids),
    readPageDownload: ({ signal }, id, index, start, end) =>
      files().downloads.readPageDownload(id, index, start, end, signal),
    closePageDownload: async (_context, id, error) =>
      files().downloads.closePageDownload(id, error),
  } satisfies Partial<Handlers<EngineProtocol>>;
}

function transferHandlers(files: Files) {
  return {
    upload: async (_context, folder, items, onConflict) =>
      files().uploads.add(folder, items, onConflict),
    pause: async (_context, id) => files().transfers.task(id).pause(),
    resumeTransfer: async (_context, id) => files().transfers.task(id).resume(),
    resumeWithFile: (_context, id, file) => files().uploads.resumeWithFile(id, file),
    cancel: async (_context, id) => files().transfers.task(id).cancel(),
    retry: async (_context, id) => files().transfers.task(id).retry(),
    clearFinished: async () => files().transfers.clearFinished(),
    watchFiles: async ({ signal, progress }, id) =>
      files().transfers.task(id).files?.watch(progress, signal),
  } satisfies Partial<Handlers<EngineProtocol>>;
}

function placeHandlers(accounts: Accounts, random: Random) {
  return {
    async sealRoute(_context, place) {
      return sealRoute(place, accounts.current.session.rootKey, random);
    },
    async openRoute(_context, sealed) {
      const { session, drive, people } = accounts.current;
      const route = openRoute(sealed, session.rootKey);
      const [root] = route?.path ?? [];
      if (root === undefined) return route;
      await people.mount(root);
      return drive.roots.has(root) ? route : undefined;
    },
    storage: () => accounts.current.storage(),
    freeUnused: ({ signal }) => accounts.current.freeUnused(signal),
  } satisfies Partial<Handlers<EngineProtocol>>;
}
