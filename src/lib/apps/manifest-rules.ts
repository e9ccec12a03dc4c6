/** The rule of each property of a manifest (C-9 §9.3). All throw {@link BadManifest}. */
import { BadManifest } from './errors.ts';
import { isJsonObject, type Json, type JsonObject } from './json.ts';
import type { NewFileKind } from './manifest-type.ts';
import { isPermission, type Permission } from './permissions.ts';
import { parseVersion } from './version.ts';

/** The members of the JSON object; their names may be any text. */
export type Properties = JsonObject;

const DISPLAY_NAME_MAX = 25;
const LIST_MAX = 100;
const NAME_MAX = 64;
const NEW_NAME_MAX = 50;

const DISPLAY_NAME = /^[A-Za-z0-9_ -]+$/u;
/** A name, or that of a template's instance: `<name>!<12 characters of a uuid>`. */
const NAME = /^[A-Za-z0-9_-]+(?:![A-Za-z0-9-]{12})?$/u;
const EXTENSION = /^[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*$/u;
const EXTENSION_MAX = 32;
const MIME_TYPE = /^[A-Za-z0-9.+_-]{1,60}\/(?:\*|[A-Za-z0-9.+_-]{1,80})$/u;
const FILE_TYPE = /^[a-z0-9 _-]{1,32}$/u;
const ICON = /^[^\\/]+(?:\/[^\\/]+)*\.(?:png|jpe?g|gif|webp|svg|ico|bmp)$/iu;
const ICON_PATH_MAX = 255;
// C0, DEL and C1: nothing that is shown in one line has them.
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/u;

/** Names below `.apps` that belong to clients, not to apps. */
export const KEPT_NAMES: ReadonlySet<string> = new Set(['launcher', 'calendar', 'htmlviewer']);

/** Absent and `null` are the same. */
function of(properties: Properties, property: string): Json | undefined {
  return properties.get(property) ?? undefined;
}

function textOf(value: Json, property: string, maxLength: number): string {
  if (typeof value !== 'string') throw new BadManifest('has to be text', property);
  if (value.length > maxLength) {
    throw new BadManifest(`is longer than ${String(maxLength)} characters`, property);
  }
  if (CONTROL.test(value) || !value.isWellFormed()) {
    throw new BadManifest('has characters that cannot be shown', property);
  }
  return value;
}

export function shortText(
  properties: Properties,
  property: string,
  maxLength: number,
  otherwise = '',
): string {
  const value = of(properties, property);
  return value === undefined ? otherwise : textOf(value, property, maxLength);
}

/** `reported`: the property of the manifest that an error names, where `property` is below it. */
export function required(
  properties: Properties,
  property: string,
  maxLength: number,
  reported = property,
): string {
  const value = of(properties, property);
  if (value === undefined) throw new BadManifest('is missing', reported);
  const text = textOf(value, reported, maxLength);
  if (text.trim() === '') throw new BadManifest('is empty', reported);
  return text;
}

/** Without `otherwise` it has to be there. */
export function flag(properties: Properties, property: string, otherwise?: boolean): boolean {
  const value = of(properties, property) ?? otherwise;
  if (value === undefined) throw new BadManifest('is missing', property);
  if (typeof value !== 'boolean') throw new BadManifest('has to be true or false', property);
  return value;
}

export function displayName(properties: Properties): string {
  const text = required(properties, 'displayName', DISPLAY_NAME_MAX);
  if (!DISPLAY_NAME.test(text)) {
    throw new BadManifest('may have letters, digits, -, _ and blanks only', 'displayName');
  }
  return text;
}

/** The name of an app that states none: its title in small letters without blanks. */
export function defaultName(title: string): string {
  return title.toLowerCase().replaceAll(' ', '');
}

export function appName(properties: Properties, otherwise: string): string {
  const name = shortText(properties, 'name', NAME_MAX) || otherwise;
  if (!NAME.test(name)) {
    throw new BadManifest('may have letters, digits, - and _ only', 'name');
  }
  if (KEPT_NAMES.has(name.toLowerCase())) throw new BadManifest('is a name that is taken', 'name');
  return name;
}

export function versionText(properties: Properties): string {
  const text = shortText(properties, 'version', NAME_MAX) || '0.0.1';
  if (parseVersion(text) === undefined) throw new BadManifest('has to be like 1.0.0', 'version');
  return text;
}

export function iconPath(properties: Properties): string {
  const text = shortText(properties, 'appIcon', ICON_PATH_MAX);
  if (text === '') return '';
  const isBelow = text.split('/').every((segment) => segment !== '.' && segment !== '..');
  if (!isBelow || !ICON.test(text)) {
    throw new BadManifest('has to be a picture in the folder assets', 'appIcon');
  }
  return text;
}

/** A list of texts, each by its rule. */
export function list<T>(
  properties: Properties,
  property: string,
  rule: (text: string, property: string) => T,
): T[] {
  return listOf(properties, property).map((item) => rule(textOf(item, property, 255), property));
}

/** A list of objects, each by its rule. */
export function members<T>(
  properties: Properties,
  property: string,
  rule: (item: Properties, property: string) => T,
): T[] {
  return listOf(properties, property).map((item) => {
    if (!isJsonObject(item)) throw new BadManifest('has to be a list of objects', property);
    return rule(item, property);
  });
}

function listOf(properties: Properties, property: string): readonly Json[] {
  const value = of(properties, property) ?? [];
  if (!Array.isArray(value)) throw new BadManifest('has to be a list', property);
  if (value.length > LIST_MAX) {
    throw new BadManifest(`has more than ${String(LIST_MAX)} entries`, property);
  }
  return value as readonly Json[];
}

export function extension(text: string, property: string): string {
  if (text === '*') return text;
  if (!EXTENSION.test(text) || text.length > EXTENSION_MAX) {
    throw new BadManifest('has to be a list of extensions without dot, or *', property);
  }
  return text.toLowerCase();
}

export function mimeType(text: string, property: string): string {
  if (text !== '*' && !MIME_TYPE.test(text)) {
    throw new BadManifest('has to be a list of types like text/plain, or *', property);
  }
  return text.toLowerCase();
}

export function fileType(text: string, property: string): string {
  if (text !== '*' && !FILE_TYPE.test(text)) {
    throw new BadManifest('has to be a list of kinds like image, or *', property);
  }
  return text;
}

export function newFileName(item: Properties, property: string): NewFileKind {
  const found = extension(required(item, 'extension', EXTENSION_MAX, property), property);
  if (found === '*') throw new BadManifest('needs an extension', property);
  return { extension: found, name: required(item, 'name', NEW_NAME_MAX, property) };
}

export function template(properties: Properties): '' | 'messaging' | 'messaging-instance' {
  const text = shortText(properties, 'template', NAME_MAX);
  if (text === '' || text === 'messaging' || text === 'messaging-instance') return text;
  throw new BadManifest('is not known', 'template');
}

export function permission(text: string, property: string): Permission {
  if (!isPermission(text)) {
    throw new BadManifest(`lists “${text.slice(0, 40)}”, which is not known`, property);
  }
  return text;
}
