/** Calls about secret links. */
import { failure, path } from './common.ts';
import { entry } from './entries.ts';
import { route } from './route.ts';
import { right } from './sharing.ts';
import type {
  LinkItem,
  LinkName,
  OpenedLink,
  SavedLink,
  SecretLink,
  SecretLinkTerms,
} from '../types.ts';
import {
  type Parser,
  byKind,
  count,
  finite,
  flag,
  listOf,
  nothing,
  nullable,
  object,
  shape,
  text,
} from '#lib/rpc/index.ts';

const linkTermsFields = { password: text, opens: flag } as const;
const linkTermsOptions = { endsMs: finite, uses: count } as const;
const linkTerms: Parser<SecretLinkTerms> = object(linkTermsFields, linkTermsOptions);
const linkName: Parser<LinkName> = object({ path, label: text });
const secretLink: Parser<SecretLink> = object(
  { ...linkTermsFields, path, label: text, right, address: text, downloadAddress: text },
  linkTermsOptions,
);
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

export const linkProtocol = {
  links: shape([text], listOf(secretLink)),
  allLinks: shape([], listOf(secretLink)),
  makeLink: shape([text, right, linkTerms], secretLink),
  changeLink: shape([linkName, linkTerms], secretLink),
  linkToFile: shape([linkName, path], text),
  removeLink: shape([linkName], nothing),
  openLink: shape([text, nullable(text)], openedLink),
  unlockLink: shape([text], openedLink),
  linkOwner: shape([], nullable(text)),
  saveLink: shape([], savedLink),
};
