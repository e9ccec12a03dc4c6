/**
 * The engine: owns the session, the embedded node's use, the drive and the transfers, and answers
 * the page's calls. It runs in a worker of its own, or anywhere in a test; it knows no DOM.
 */
import type { Random } from '#lib/bytes/index.ts';
import { accountKey, type SavedLogins } from '#lib/account/index.ts';
import type { EngineProtocol } from '../engine-protocol.ts';
import { engineProtocol } from '../engine-protocol.ts';
import { serve, type Handlers, type Wire } from '#lib/rpc/index.ts';
import { AccountSecurity } from './session/account-security.ts';
import { Accounts, type AccountsDeps } from './session/accounts.ts';
import { accountHandlers, accountTransferHandlers, securityHandlers } from './handlers/accounts.ts';
import { appHandlers } from './handlers/apps.ts';
import { contentHandlers, transferHandlers } from './handlers/contents.ts';
import { entryHandlers, trashHandlers } from './handlers/entries.ts';
import { guestHandlers, linkHandlers } from './handlers/links.ts';
import { nodeHandlers } from './handlers/nodes.ts';
import type { OpenFiles } from './handlers/open-files.ts';
import { peopleHandlers, sharingHandlers } from './handlers/people.ts';
import { profileHandlers, publicationHandlers } from './handlers/profiles.ts';
import { routeHandlers } from './handlers/route.ts';
import { createEvents, type Events } from './events.ts';
import { GuestLinks } from './guest/guest-links.ts';
import type { DraftRecords } from './frames/draft-records.ts';
import { AccountTransfer } from './session/account-transfer.ts';
import type { NodeDirectory } from './session/node-directory.ts';
import { OpenSession, type OpenSessionDeps } from './session/open-session.ts';
import { SecondNode } from './session/second-node.ts';
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
  const files: OpenFiles = () => guestLinks.open ?? accounts.current;
  const secondNode = new SecondNode(deps, accounts);
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
    ...accountTransferHandlers(accountTransfer),
    ...securityHandlers(security, questions),
    ...entryHandlers(files),
    ...trashHandlers(accounts),
    ...contentHandlers(files, tickets),
    ...transferHandlers(files),
    ...peopleHandlers(accounts),
    ...sharingHandlers(accounts),
    ...linkHandlers(accounts),
    ...guestHandlers(guestLinks),
    ...nodeHandlers(accounts, secondNode),
    ...profileHandlers(accounts),
    ...publicationHandlers(accounts),
    ...appHandlers(accounts),
    ...routeHandlers(accounts, random),
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
