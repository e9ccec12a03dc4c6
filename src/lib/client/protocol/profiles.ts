/** Calls about profiles, and about what everybody may read. */
import { path } from './common.ts';
import { recipients } from './sharing.ts';
import type {
  OwnProfile,
  PersonProfile,
  ProfileField,
  ProfileTexts,
  WebsiteFacts,
} from '../types.ts';
import {
  type Parser,
  blob,
  file,
  flag,
  listOf,
  nothing,
  nullable,
  object,
  oneOf,
  shape,
  text,
} from '#lib/rpc/index.ts';

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
const personProfile: Parser<PersonProfile> = object({ texts: profileTexts, hasPhoto: flag });
const website: Parser<WebsiteFacts> = object({ isPublic: flag }, { root: path, address: text });
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

export const profileProtocol = {
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
};
