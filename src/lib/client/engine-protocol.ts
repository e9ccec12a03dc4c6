/**
 * Every call the page can make to the engine, with what it takes, gives and reports. The parsers
 * are typed by `types.ts`, so a description that changes there must change here.
 */
import { appProtocol } from './app-protocol.ts';
import { accountProtocol, session, storage } from './protocol/accounts.ts';
import { entryProtocol, folderChange } from './protocol/entries.ts';
import { linkProtocol } from './protocol/links.ts';
import { nodeProtocol } from './protocol/nodes.ts';
import { peopleProtocol, people } from './protocol/people.ts';
import { profileProtocol } from './protocol/profiles.ts';
import { routeProtocol } from './protocol/route.ts';
import { secondFactorProtocol } from './protocol/second-factors.ts';
import { sharingProtocol } from './protocol/sharing.ts';
import { transferProtocol, transfer } from './protocol/transfers.ts';
import type { ClientEvent } from './types.ts';
import {
  type Parser,
  byKind,
  count,
  errorDescription,
  flag,
  listOf,
  nothing,
  object,
  oneOf,
  port,
  shape,
  text,
} from '#lib/rpc/index.ts';

const event: Parser<ClientEvent> = byKind({
  session: object({ state: session }),
  transfers: object({ transfers: listOf(transfer) }),
  'folder-changed': object({ ...folderChange, by: oneOf('this-tab', 'another-tab', 'elsewhere') }),
  connection: object({ isOnline: flag }),
  copy: object({ isCopy: flag }, { seenMs: count }),
  pending: object(
    { changes: count, isSending: flag },
    { failure: errorDescription, refused: listOf(text) },
  ),
  sent: object({ keptBoth: listOf(text), notDeleted: listOf(text), lost: listOf(text) }),
  people: object({ people }),
  storage: object({ report: storage }),
  warning: object({ error: errorDescription }),
});

export const engineProtocol = {
  /** Reports events until it is aborted. */
  events: shape([], nothing, event),
  connectTickets: shape([port], nothing),
  /** A cipher worker, by the page's number of it, answers over this port. */
  connectCipher: shape([count, port], nothing),
  /** It died. */
  disconnectCipher: shape([count], nothing),
  /** The page makes connections to nodes that are named by multiaddr, asked over this port. */
  connectPeers: shape([port], nothing),
  ...appProtocol,
  ...entryProtocol,
  ...accountProtocol,
  ...secondFactorProtocol,
  ...transferProtocol,
  ...peopleProtocol,
  ...sharingProtocol,
  ...profileProtocol,
  ...linkProtocol,
  ...nodeProtocol,
  ...routeProtocol,
};
export type EngineProtocol = typeof engineProtocol;
