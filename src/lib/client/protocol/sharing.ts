/** Calls about who has access to what. */
import { failure, ids, path } from './common.ts';
import { undoable } from './entries.ts';
import type {
  EntryAccess,
  EntrySharing,
  ResealProgress,
  ShareRecipient,
  SharedEntry,
} from '../types.ts';
import {
  type Parser,
  byKind,
  count,
  listOf,
  nothing,
  object,
  oneOf,
  shape,
  text,
} from '#lib/rpc/index.ts';

export const right = oneOf('read', 'write');
const recipient: Parser<ShareRecipient> = byKind({
  person: object({ username: text }),
  group: object({ name: oneOf('friends', 'followers') }),
});
export const recipients = listOf(recipient);
const access: Parser<EntryAccess> = object({ recipient, right, by: path });
const sharing: Parser<EntrySharing> = object({ name: text, access: listOf(access), links: count });
const sharedEntry: Parser<SharedEntry> = object({ path, access: listOf(access) });
const resealProgress: Parser<ResealProgress> = object({ files: count, bytes: count });

export const sharingProtocol = {
  share: shape([ids, listOf(recipient), right], nothing),
  unshare: shape([text, listOf(recipient), right], listOf(failure)),
  reseal: shape([text], listOf(failure), resealProgress),
  access: shape([text], listOf(access)),
  leave: shape([ids], undoable),
  sharingIn: shape([text], listOf(sharing)),
  sharedByMe: shape([], listOf(sharedEntry)),
};
