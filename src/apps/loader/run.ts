/** One run of an app, from its first message on. */
import { appCalls, appPageCalls, parseAppStart } from '#lib/frames/index.ts';
import { connect, serve } from '#lib/rpc/index.ts';
import { guardCarriedMarkup } from '../shared/carried-markup.ts';
import { encodedPath, type Addresses } from './address.ts';
import { AttributeRewriter } from './attributes.ts';
import { EngineLink } from './engine-link.ts';
import { Files } from './files.ts';
import { preparePage } from './html.ts';
import { showTheme, takeChanges } from './live.ts';
import { Modules } from './modules.ts';
import { rememberBlobs } from './natives.ts';
import { Navigation } from './navigation.ts';
import { Notes } from './notes.ts';
import { Sheets } from './sheets.ts';
import { installDatabases } from './shims/databases.ts';
import { removeOwnStorage } from './shims/own-storage.ts';
import { Elements } from './shims/elements.ts';
import { installFetch, makeFetch } from './shims/fetch.ts';
import { installFonts } from './shims/fonts.ts';
import { Links } from './shims/links.ts';
import { installStorage } from './shims/storage.ts';
import { installSurroundings } from './shims/surroundings.ts';
import { installWorker } from './shims/worker.ts';
import { makeXhr } from './shims/xhr.ts';
import { Unsaved } from './unsaved.ts';

export async function begin(addresses: Addresses, data: unknown): Promise<void> {
  const start = parseAppStart(data);
  const page = connect(start.page, appPageCalls);
  const notes = new Notes(page);
  const warn = (text: string): void => notes.say('warning', text);
  const link = new EngineLink(start.data);
  const unsaved = new Unsaved(page, start.query);
  const files = new Files(link, addresses);
  const sheets = new Sheets(files, addresses);
  const modules = new Modules(files, addresses);
  const attributes = new AttributeRewriter(files, modules, addresses);
  const navigation = new Navigation(page, addresses, warn);
  const fetch = makeFetch({ link, files, addresses, onWritten: unsaved.written });
  const elements = new Elements({ attributes, sheets });
  const links = new Links({ navigation, addresses, fetch, note: warn });
  serve(start.page, appCalls, {
    theme: async (_context, theme) => showTheme(theme),
    changed: (_context, paths) => takeChanges(files, addresses, paths),
  });
  start.page.start();

  try {
    await files.start({
      script: (text, path) => modules.rewriteClassic(text, addresses.urlOf(encodedPath(path))),
      sheet: (text, path) => sheets.rewriteOwn(text, path),
    });
    const path = encodedPath(start.path);
    const answer = await link.request({ method: 'GET', path, query: '', headers: [] });
    if (answer.status !== 200) throw new Error(`The app has no page “${start.path}”.`);
    const rewriters = { files, modules, sheets, addresses, attributes };
    const html = await preparePage(rewriters, await answer.body.text(), start.theme);

    rememberBlobs();
    installFetch(fetch);
    const readNow = (url: string) => {
      const at = addresses.placeOf(url);
      const path = at && files.ownPath(at);
      const text = path === undefined ? undefined : files.text(path);
      if (text !== undefined) return { status: 200, text };
      return at !== undefined && files.isAbsent(at) ? { status: 404, text: '' } : undefined;
    };
    const value = makeXhr({ fetch, readNow });
    Object.defineProperty(globalThis, 'XMLHttpRequest', { value, writable: true });
    installWorker({ files, modules, addresses, fetch, locale: start.locale });
    const { storage: held } = start;
    const keeper = { write: (json: string) => link.writeStorage(json), note: warn };
    navigation.beforeLeaving = installStorage(held && { held, ...keeper });
    installDatabases();
    if (origin !== 'null') removeOwnStorage();
    installFonts(files, addresses);
    installSurroundings({ locale: start.locale, note: warn });
    modules.install();
    navigation.install();
    elements.install();
    links.install();
    notes.install();
    await loaded();
    elements.observe();
    write(html, () => {
      notes.listen((url) => addresses.placeOf(url) !== undefined);
      links.listen();
      const flush = (): void => void navigation.beforeLeaving();
      addEventListener('pagehide', flush);
      document.addEventListener('visibilitychange', flush);
      unsaved.listen();
      elements.listen();
    });
  } catch (error) {
    notes.say('error', error instanceof Error ? error.message : String(error));
    throw error;
  }
}

/** The first document is complete: from then on opening one begins anew. */
async function loaded(): Promise<void> {
  if (document.readyState === 'complete') return;
  await new Promise((resolve) => addEventListener('load', resolve, { once: true }));
}

/** Writes the page in place of the document; opening it takes all listeners away. */
function write(html: string, listen: () => void): void {
  const { open, write: writeText } = keepListening(listen);
  open();
  writeText(html);
  document.close();
}

/**
 * The document's own ways to begin anew, each with the listeners put back before any script of the
 * app; in their place from now on, since the app must not get hold of them.
 */
function keepListening(listen: () => void): {
  readonly open: () => void;
  readonly write: (html: string) => void;
} {
  const { apply, getOwnPropertyDescriptor } = Reflect;
  const { open, write: writeNative, writeln } = Document.prototype;
  const stateOf = getOwnPropertyDescriptor(Document.prototype, 'readyState')!.get!;
  const openAgain = function (this: Document, ...args: never[]): Document {
    const opened = apply(open, this, args) as Document;
    if (this === document) {
      guardCarriedMarkup();
      listen();
    }
    return opened;
  } as typeof open;
  const writing = (native: (...texts: string[]) => void) =>
    function (this: Document, ...texts: string[]): void {
      const state = this === document ? (apply(stateOf, this, []) as string) : 'loading';
      // Browsers ignore what deferred scripts write; a complete document is opened by it.
      if (state === 'interactive') return;
      if (state === 'complete') apply(openAgain, this, []);
      apply(native, this, texts);
    };
  Object.assign(Document.prototype, {
    open: openAgain,
    write: writing(writeNative),
    writeln: writing(writeln),
  });
  return {
    open: () => void apply(openAgain, document, []),
    write: (html) => apply(writeNative, document, [html]),
  };
}
