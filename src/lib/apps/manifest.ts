/**
 * `peergos-app.json`, what an app says of itself (C-9 §9.3). The bytes are hostile: every property
 * is checked for its type first, and what comes out is plain text, flags and lists of text.
 */
import { fromUtf8, PyrgosError, utf8 } from '#lib/bytes/index.ts';
import { BadManifest } from './errors.ts';
import { isJsonObject, parseJson } from './json.ts';
import {
  appName,
  defaultName,
  displayName,
  extension,
  fileType,
  flag,
  iconPath,
  list,
  members,
  mimeType,
  newFileName,
  permission,
  required,
  shortText,
  template,
  versionText,
  type Properties,
} from './manifest-rules.ts';
import type { Manifest } from './manifest-type.ts';

export const MANIFEST_FILE = 'peergos-app.json';
/** Room for the picture of a template's instance; others have a few hundred bytes. */
export const MANIFEST_MAX_BYTES = 256 * 1024;

const DESCRIPTION_MAX = 100;
const AUTHOR_MAX = 32;
export const SOURCE_MAX = 256;
const CHAT_ID_MAX = 256;
const ICON_MAX = MANIFEST_MAX_BYTES;

/** @throws BadManifest with the property that breaks a rule, and which */
export function parseManifest(bytes: Uint8Array): Manifest {
  if (bytes.length > MANIFEST_MAX_BYTES) throw new BadManifest('the file is too large');
  const properties = membersOf(bytes);
  // Some published apps write the number.
  const isNumber = properties.get('schemaVersion') === 1;
  if (!isNumber && shortText(properties, 'schemaVersion', 16, '1') !== '1') {
    throw new BadManifest('has to be "1"', 'schemaVersion');
  }
  const title = displayName(properties);
  const manifest: Manifest = {
    displayName: title,
    name: appName(properties, defaultName(title)),
    description: description(properties),
    launchable: flag(properties, 'launchable'),
    version: versionText(properties),
    author: shortText(properties, 'author', AUTHOR_MAX),
    source: shortText(properties, 'source', SOURCE_MAX),
    folderAction: flag(properties, 'folderAction', false),
    appIcon: iconPath(properties),
    fileExtensions: list(properties, 'fileExtensions', extension),
    mimeTypes: list(properties, 'mimeTypes', mimeType),
    fileTypes: list(properties, 'fileTypes', fileType),
    newFileExtensions: members(properties, 'newFileExtensions', newFileName),
    template: template(properties),
    chatId: shortText(properties, 'chatId', CHAT_ID_MAX),
    templateIconBase64: shortText(properties, 'templateIconBase64', ICON_MAX),
    permissions: [...new Set(list(properties, 'permissions', permission))],
  };
  checkTogether(manifest);
  return manifest;
}

/** The bytes of a manifest, for a new app or an installed one. @throws BadManifest */
export function composeManifest(manifest: Manifest): Uint8Array {
  const entries = Object.entries({ schemaVersion: '1', ...manifest });
  const told = entries.filter(([key, value]) => ALWAYS.has(key) || !isEmpty(value));
  const bytes = utf8(`${JSON.stringify(Object.fromEntries(told), undefined, 2)}\n`);
  parseManifest(bytes);
  return bytes;
}

/** A manifest with what is optional left empty. */
export function newManifest(
  told: Pick<Manifest, 'displayName' | 'description'> & Partial<Manifest>,
): Manifest {
  return {
    name: defaultName(told.displayName),
    launchable: true,
    version: '0.0.1',
    author: '',
    source: '',
    folderAction: false,
    appIcon: '',
    fileExtensions: [],
    mimeTypes: [],
    fileTypes: [],
    newFileExtensions: [],
    template: '',
    chatId: '',
    templateIconBase64: '',
    permissions: [],
    ...told,
  };
}

const ALWAYS: ReadonlySet<string> = new Set([
  'schemaVersion',
  'displayName',
  'name',
  'description',
  'launchable',
  'version',
  'permissions',
]);

/** It has to be there; apps of the catalogue leave it empty. */
function description(properties: Properties): string {
  if (properties.get('description') === '') return '';
  return required(properties, 'description', DESCRIPTION_MAX);
}

function isEmpty(value: unknown): boolean {
  return value === '' || value === false || (Array.isArray(value) && value.length === 0);
}

function membersOf(bytes: Uint8Array): Properties {
  let json;
  try {
    json = parseJson(fromUtf8(bytes).replace(/^\u{feff}/u, ''));
  } catch (error) {
    if (!(error instanceof PyrgosError)) throw error;
    throw new BadManifest(`the file cannot be read (${error.message})`);
  }
  if (!isJsonObject(json)) throw new BadManifest('the file holds no JSON object');
  return json;
}

function checkTogether({ folderAction, permissions, template, appIcon }: Manifest): void {
  if (folderAction && !permissions.includes('READ_CHOSEN_FOLDER')) {
    throw new BadManifest('needs the permission READ_CHOSEN_FOLDER', 'folderAction');
  }
  if (template === '') return;
  if (!permissions.includes('EXCHANGE_MESSAGES_WITH_FRIENDS')) {
    throw new BadManifest('needs the permission EXCHANGE_MESSAGES_WITH_FRIENDS', 'template');
  }
  if (template === 'messaging' && appIcon === '') {
    throw new BadManifest('needs an icon', 'template');
  }
}
