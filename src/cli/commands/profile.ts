/** `profile`: what people tell of themselves. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  PROFILE_FIELDS,
  type ProfileChange,
  type ProfileField,
  type ProfileFields,
} from '#lib/social/index.ts';
import { type Call, type Command } from '../command.ts';
import { Misused } from '../errors.ts';
import { write } from '../io.ts';
import { jsonLine, showBytes, showName } from '../text.ts';
import { isSet, textsOf } from '../values.ts';

export const profile: Command = {
  name: 'profile',
  summary: 'Shows a profile, or changes your own; an empty value takes a field out.',
  usage: '[--json] [NAME] | --set FIELD=VALUE…',
  options: { set: { type: 'string', multiple: true } },
  operands: [0, 1],
  takesPeople: true,
  async run(call) {
    const { circle, session } = await call.access.signedIn(call.signal);
    const [username = session.username] = call.operands;
    const sets = textsOf(call, 'set');
    if (sets.length > 0) {
      if (username !== session.username) throw new Misused('Only your own profile can be changed.');
      await circle.profile.change(await changeOf(call, sets), call.signal);
    }
    await circle.openRoot(username, call.signal);
    await show(call, username, await circle.profile.of(username, call.signal));
  },
};

/** Throws `Misused`. */
async function changeOf(call: Call, sets: readonly string[]): Promise<ProfileChange> {
  const changes: Partial<Record<ProfileField, string | Uint8Array | null>> = {};
  for (const text of sets) {
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/su.exec(text) ?? [];
    const field = PROFILE_FIELDS.find((one) => one.toLowerCase() === name.toLowerCase());
    if (field === undefined) {
      throw new Misused(`A field is set as FIELD=VALUE; fields are ${PROFILE_FIELDS.join(', ')}.`);
    }
    if (value === '') changes[field] = null;
    else if (field === 'photo') changes.photo = await readFile(resolve(call.io.folder, value));
    else changes[field] = value;
  }
  return changes as ProfileChange;
}

/** Only what may be seen. A photo is fetched as a file: `get //bob/.profile/photo`. */
async function show(call: Call, username: string, fields: ProfileFields): Promise<void> {
  const { photo, ...texts } = fields;
  if (isSet(call, 'json')) {
    const picture = photo === undefined ? {} : { photo: { size: photo.length } };
    return write(call.io, jsonLine({ username, ...texts, ...picture }));
  }
  const rows = Object.entries(texts);
  if (photo !== undefined) rows.push(['photo', `PNG, ${showBytes(photo.length)}`]);
  for (const [name, value] of rows) {
    await write(call.io, `${name.padStart(9)}  ${showName(value)}\n`);
  }
}
