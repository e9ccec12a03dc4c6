/**
 * The page's side of the façade: it turns each request of a screen into a call to the engine. It
 * holds no key, hash or block.
 */
import { lookUpFiles } from './look-up-files.ts';
import { wholeAddress, withOwnOrigin } from './link-origin.ts';
import { askHost, ownServer } from './own-server.ts';
import { PageEngine, type PageEngineDeps } from './page-engine.ts';
import { assembleBlob, saveBlob, saveFromUrl, saveThroughPage } from './page-files.ts';
import type { ServiceWorkerLink } from './service-worker-link.ts';
import type { Asking, Client, SecondFactorQuestion } from './types.ts';
import type { EngineProtocol } from './engine-protocol.ts';
import type { Caller } from '#lib/rpc/index.ts';

/** What the screens need comes first. */
const KEEP_VIEWERS_AFTER_MS = 20_000;

/** Returns the façade to an engine that starts when it is needed. */
export function createPageClient(deps: PageEngineDeps): Client {
  const pageEngine = new PageEngine(deps);
  void pageEngine.begin();
  keepViewersLater(pageEngine, deps.serviceWorker);
  const engine: Engine = () => pageEngine.caller;
  return {
    get state() {
      return pageEngine.state;
    },
    subscribe: (listener) => pageEngine.subscribe(listener),
    ...accountCalls(engine),
    ...secondFactorCalls(engine),
    ...accountTransferCalls(engine),
    ...folderCalls(engine),
    ...trashCalls(engine),
    ...peopleCalls(engine),
    ...appCalls(engine, deps.serviceWorker),
    ...linkCalls(engine),
    ...profileCalls(engine),
    ...byteCalls(engine, deps.serviceWorker),
    ...transferCalls(engine),
    ...storageCalls(engine),
  };
}

/** Once somebody has been signed in for a while, the viewers are kept for times without a network. */
function keepViewersLater(pageEngine: PageEngine, link: ServiceWorkerLink | undefined): void {
  const stop = pageEngine.subscribe(({ kind }) => {
    if (kind !== 'session' || pageEngine.state.kind !== 'signed-in') return;
    stop();
    setTimeout(() => {
      void link?.ready().then((isThere) => isThere && link.keepViewers());
    }, KEEP_VIEWERS_AFTER_MS);
  });
}

type Engine = () => Caller<EngineProtocol>;

function accountCalls(engine: Engine) {
  return {
    ownServer,
    checkServer: (typed) => engine().call('checkServer', [typed]),
    checkUsername: (name, server) => engine().call('checkUsername', [name, server]),
    checkPassword: (password, username) => engine().call('checkPassword', [password, username]),
    suggestPassphrase: () => engine().call('suggestPassphrase', []),
    signUp: (options, signal) => engine().call('signUp', [options], { signal }),
    async signIn(options, asking) {
      const { signal, ask } = answering(engine, asking);
      await engine().call('signIn', [options], { signal, onProgress: ask });
    },
    resume: (account) => engine().call('resume', [account]),
    pendingChanges: (account) => engine().call('pendingChanges', [account]),
    sendChanges: () => engine().call('sendChanges', []),
    retryChanges: () => engine().call('retryChanges', []),
    discardChanges: () => engine().call('discardChanges', []),
    signOut: (options = {}) => engine().call('signOut', [options]),
    forgetAccount: (account, options = {}) => engine().call('forgetAccount', [account, options]),
    async changePassword(options, asking) {
      const { signal, ask } = answering(engine, asking);
      await engine().call('changePassword', [options], { signal, onProgress: ask });
    },
  } satisfies Partial<Client>;
}

function accountTransferCalls(engine: Engine) {
  return {
    async exportAccount(options, onProgress, asking) {
      const { signal, ask } = answering(engine, asking);
      const exported = await engine().call('exportAccount', [options], {
        signal,
        onProgress: (told) =>
          told.kind === 'question' ? ask(told.question) : onProgress(told.progress),
      });
      saveBlob(exported.blocks, 'blocks.car');
      saveBlob(new Blob([exported.description], { type: 'application/json' }), 'node.json');
    },
    importAccount: (blocks, description, onProgress, signal) =>
      engine().call('importAccount', [blocks, description], { signal, onProgress }),
    async moveAccount(options, onProgress, asking) {
      const { signal, ask } = answering(engine, asking);
      await engine().call('moveAccount', [options], {
        signal,
        onProgress: (told) =>
          told.kind === 'question' ? ask(told.question) : onProgress(told.progress),
      });
    },
  } satisfies Partial<Client>;
}

/** Asks the user for an operation's second factor and returns the answer; without one it is cancelled. */
function answering(engine: Engine, { prove, signal }: Asking = {}) {
  const stop = new AbortController();
  const answer = async (question: SecondFactorQuestion): Promise<void> => {
    if (prove === undefined) throw new DOMException('Nobody can be asked.', 'AbortError');
    const proof = await prove(question);
    await engine().call('answerQuestion', [question.id, proof]);
  };
  return {
    signal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
    ask: (question: SecondFactorQuestion): void =>
      void answer(question).catch((reason: unknown) => stop.abort(reason)),
  };
}

function secondFactorCalls(engine: Engine) {
  return {
    secondFactors: () => engine().call('secondFactors', []),
    addAuthenticator: () => engine().call('addAuthenticator', []),
    confirmAuthenticator: (credential, code) =>
      engine().call('confirmAuthenticator', [credential, code]),
    generateBackupCodes: () => engine().call('generateBackupCodes', []),
    startSecurityKey: () => engine().call('startSecurityKey', []),
    completeSecurityKey: (name, proof) => engine().call('completeSecurityKey', [name, proof]),
    removeSecondFactor: (credential) => engine().call('removeSecondFactor', [credential]),
  } satisfies Partial<Client>;
}

function folderCalls(engine: Engine) {
  return {
    openFolder: (path, signal) => engine().call('openFolder', [path], { signal }),
    list: (folder, onBatch, signal) =>
      engine().call('list', [folder], {
        signal,
        onProgress: ({ entries, done }) => onBatch(entries, done),
      }),
    details: (ids, signal) => engine().call('details', [ids], { signal }),
    find: (path, signal) => engine().call('find', [path], { signal }),
    measure: (ids, onSum, signal) => engine().call('measure', [ids], { signal, onProgress: onSum }),
    pictureSize: (id, signal) => engine().call('pictureSize', [id], { signal }),
    makeFolder: (folder, name) => engine().call('makeFolder', [folder, name]),
    makeFile: (folder, name) => engine().call('makeFile', [folder, name]),
    rename: (id, name) => engine().call('rename', [id, name]),
    move: (ids, target, onConflict) => engine().call('move', [ids, target, onConflict]),
    copy: (ids, target, signal) => engine().call('copy', [ids, target], { signal }),
  } satisfies Partial<Client>;
}

function trashCalls(engine: Engine) {
  return {
    trash: (ids) => engine().call('trash', [ids]),
    undo: (undo) => engine().call('undo', [undo]),
    listTrash: (onBatch, signal) =>
      engine().call('listTrash', [], {
        signal,
        onProgress: ({ entries, done }) => onBatch(entries, done),
      }),
    restore: (ids) => engine().call('restore', [ids]),
    removeForever: (ids) => engine().call('removeForever', [ids]),
    emptyTrash: () => engine().call('emptyTrash', []),
  } satisfies Partial<Client>;
}

function peopleCalls(engine: Engine) {
  return {
    people: (signal) => engine().call('people', [], { signal }),
    findPeople: (typed) => engine().call('findPeople', [typed]),
    requestFollow: (username) => engine().call('requestFollow', [username]),
    answerRequest: (username, answer) => engine().call('answerRequest', [username, answer]),
    blockPerson: (username) => engine().call('blockPerson', [username]),
    removeFollower: (username) => engine().call('removeFollower', [username]),
    unblockPerson: (username) => engine().call('unblockPerson', [username]),
    share: (ids, recipients, right) => engine().call('share', [ids, recipients, right]),
    unshare: (id, recipients, right) => engine().call('unshare', [id, recipients, right]),
    reseal: (id, onProgress, signal) =>
      engine().call('reseal', [id], { onProgress, ...(signal && { signal }) }),
    access: (id, signal) => engine().call('access', [id], { signal }),
    leave: (ids) => engine().call('leave', [ids]),
    sharingIn: (id, signal) => engine().call('sharingIn', [id], { signal }),
    peopleGone: (signal) => engine().call('peopleGone', [], { signal }),
    sharedByMe: (signal) => engine().call('sharedByMe', [], { signal }),
    handedOn: (signal) => engine().call('handedOn', [], { signal }),
    links: async (id, signal) =>
      (await engine().call('links', [id], { signal })).map(withOwnOrigin),
    allLinks: async (signal) =>
      (await engine().call('allLinks', [], { signal })).map(withOwnOrigin),
    linkToFile: async ({ path, label }, file) =>
      wholeAddress(await engine().call('linkToFile', [{ path, label }, file])),
    makeLink: async (id, right, terms) =>
      withOwnOrigin(await engine().call('makeLink', [id, right, terms])),
    changeLink: async ({ path, label }, terms) =>
      withOwnOrigin(await engine().call('changeLink', [{ path, label }, terms])),
    removeLink: ({ path, label }) => engine().call('removeLink', [{ path, label }]),
    verification: (username, signal) => engine().call('verification', [username], { signal }),
    ownCode: (signal) => engine().call('ownCode', [], { signal }),
    meet: (username, code) => engine().call('meet', [username, code]),
    compareCode: (username, scanned) => engine().call('compareCode', [username, scanned]),
    markVerified: (username, isVerified) => engine().call('markVerified', [username, isVerified]),
    verifiedPeople: (signal) => engine().call('verifiedPeople', [], { signal }),
  } satisfies Partial<Client>;
}

function appCalls(engine: Engine, link: ServiceWorkerLink | undefined) {
  return {
    apps: (signal) => engine().call('apps', [], { signal }),
    appIcon: (name, signal) => engine().call('appIcon', [name], { signal }),
    appsFor: (id, signal) => engine().call('appsFor', [id], { signal }),
    appProposal: (id, signal) => engine().call('appProposal', [id], { signal }),
    appShortcuts: (signal) => engine().call('appShortcuts', [], { signal }),
    addShortcut: (id) => engine().call('addShortcut', [id]),
    removeShortcut: (path) => engine().call('removeShortcut', [path]),
    reviewIcon: (reviewId, signal) => engine().call('reviewIcon', [reviewId], { signal }),
    reviewApp: (source, signal) => engine().call('reviewApp', [source], { signal }),
    appPublication: (folder, signal) => engine().call('appPublication', [folder], { signal }),
    publishApp: async (folder, audience) =>
      wholeAddress(await engine().call('publishApp', [folder, audience])),
    installApp: (reviewId) => engine().call('installApp', [reviewId]),
    removeApp: (name, keepData) => engine().call('removeApp', [name, keepData]),
    appUpdates: (signal) => engine().call('appUpdates', [], { signal }),
    newApp: (folder, title) => engine().call('newApp', [folder, title]),
    newAppFile: (app, extension, folder, name) =>
      engine().call('newAppFile', [app, extension, folder, name]),
    async openPrint(page) {
      if (link === undefined || !(await link.ready())) return undefined;
      const { startPrint } = await import('./frames.ts');
      return startPrint(link.siteUrl, page);
    },
    async openApp(what, opened, theme, listener) {
      if (link === undefined || !(await link.ready())) return undefined;
      await link.requireSandbox();
      const { startApp } = await import('./app-frame.ts');
      const session = await startApp({ siteUrl: link.siteUrl, engine: engine() }, what, opened, {
        theme,
        listener,
      });
      const rest = link.keepAwake();
      return {
        ...session,
        get url() {
          return session.url;
        },
        close() {
          rest();
          session.close();
        },
      };
    },
  } satisfies Partial<Client>;
}

function linkCalls(engine: Engine) {
  return {
    async openLink(address, signal) {
      const caller = engine(); // starts while the host is asked
      const { server, isAway } = await askHost();
      const open = (at?: string) => caller.call('openLink', [address, at], { signal });
      return open(server).catch((error: unknown) => {
        // Nobody of this browser; the host would know, if it could be asked.
        if (isAway && isNamed(error, 'LinkElsewhere')) return open(location.origin);
        throw error;
      });
    },
    unlockLink: (password) => engine().call('unlockLink', [password]),
    linkOwner: (signal) => engine().call('linkOwner', [], { signal }),
    saveLink: (signal) => engine().call('saveLink', [], { signal }),
  } satisfies Partial<Client>;
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

function profileCalls(engine: Engine) {
  return {
    ownProfile: (signal) => engine().call('ownProfile', [], { signal }),
    changeProfile: (texts) => engine().call('changeProfile', [texts]),
    changePhoto: (picture) => engine().call('changePhoto', [picture]),
    shareProfile: (fields, recipients) => engine().call('shareProfile', [fields, recipients]),
    unshareProfile: (field, recipients) => engine().call('unshareProfile', [field, recipients]),
    profileOf: (username, signal) => engine().call('profileOf', [username], { signal }),
    photoOf: (username, signal) => engine().call('photoOf', [username], { signal }),
    publish: (path) => engine().call('publish', [path]),
    unpublish: (path) => engine().call('unpublish', [path]),
    publicBy: (path, signal) => engine().call('publicBy', [path], { signal }),
    website: (signal) => engine().call('website', [], { signal }),
    publishWebsite: (folder) => engine().call('publishWebsite', [folder]),
    unpublishWebsite: () => engine().call('unpublishWebsite', []),
    publicAddress: (path) => engine().call('publicAddress', [path]),
  } satisfies Partial<Client>;
}

function byteCalls(engine: Engine, link: ServiceWorkerLink | undefined) {
  const isAnswered = async (): Promise<boolean> => (await link?.ready()) ?? false;
  return {
    inspect: (id, signal) => engine().call('inspect', [id], { signal }),
    readText: (id, limitBytes, encoding) => engine().call('readText', [id, limitBytes, encoding]),
    readBytes: (id, start, end, signal) => engine().call('readBytes', [id, start, end], { signal }),
    canStream: isAnswered,
    async streamUrl(id, chosenType) {
      const granted = await engine().call('grantStream', [id, chosenType]);
      const { ticketId, mimeType, sizeBytes } = granted;
      const revoke = (): void => {
        engine()
          .call('revokeTicket', [ticketId])
          .catch(() => undefined);
      };
      if (link !== undefined && (await isAnswered())) {
        const rest = link.keepAwake();
        const release = (): void => {
          rest();
          revoke();
        };
        return { url: link.fileUrl(ticketId), via: 'service-worker', release };
      }
      revoke();
      const blob = await assembleBlob(sizeBytes, mimeType, (start, end) =>
        engine().call('readBytes', [id, start, end]),
      );
      const url = URL.createObjectURL(blob);
      return { url, via: 'page', release: () => URL.revokeObjectURL(url) };
    },
    async openViewer(viewer, id, theme, listener) {
      if (link === undefined || !(await isAnswered())) return undefined;
      const { startViewer } = await import('./frames.ts');
      const ended = new AbortController();
      const giveEngine = (port: MessagePort): void => {
        const { signal } = ended;
        engine()
          .call('serveViewer', [id, port], { signal, transfer: [port] })
          .catch(() => undefined); // its frame is gone, or the engine: what it asks fails
      };
      const session = startViewer({ siteUrl: link.siteUrl, giveEngine }, viewer, theme, listener);
      const rest = link.keepAwake();
      return {
        ...session,
        close() {
          rest();
          ended.abort();
          session.close();
        },
      };
    },
    async download(ids) {
      if (link === undefined || !(await isAnswered())) return saveThroughPage(engine(), ids);
      const { ticketId } = await engine().call('grantDownload', [ids]);
      saveFromUrl(link.fileUrl(ticketId));
    },
  } satisfies Partial<Client>;
}

function transferCalls(engine: Engine) {
  /** Commands to the queue; what comes of them is seen in the next transfers event. */
  const command = (method: 'pause' | 'resumeTransfer' | 'cancel' | 'retry', id: string): void => {
    engine()
      .call(method, [id])
      .catch(() => undefined);
  };
  return {
    async upload(folder, items, onConflict) {
      await lookUpFiles(items);
      return engine().call('upload', [folder, items, onConflict]);
    },
    pause: (id) => command('pause', id),
    resumeTransfer: (id) => command('resumeTransfer', id),
    resumeWithFile: (id, file) => engine().call('resumeWithFile', [id, file]),
    cancel: (id) => command('cancel', id),
    retry: (id) => command('retry', id),
    clearFinished() {
      engine()
        .call('clearFinished', [])
        .catch(() => undefined);
    },
    watchFiles: (id, onChange, signal) =>
      engine().call('watchFiles', [id], { signal, onProgress: onChange }),
  } satisfies Partial<Client>;
}

function storageCalls(engine: Engine) {
  return {
    sealRoute: (place) => engine().call('sealRoute', [place]),
    openRoute: (sealed) => engine().call('openRoute', [sealed]),
    storage: () => engine().call('storage', []),
    /** Only a page may ask; browsers answer by their own rules, some ask the person. */
    askPersistence: async () => (await navigator.storage?.persist?.()) ?? false,
    freeUnused: () => engine().call('freeUnused', []),
  } satisfies Partial<Client>;
}
