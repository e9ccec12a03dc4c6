/**
 * Apps (C-9): what an app is, how it is installed, and what it may do while it runs. Pure of
 * browsers: the engine calls it, and a test can.
 *
 * A running app is a document in a frame of its own; all its requests come to one {@link Broker},
 * which knows the permissions of the manifest as it is installed. What the document says of itself
 * counts for nothing.
 */
export { appsForItem, newFileContent, newFileEntries, recommendedApp } from './associations.ts';
export type { AppForItem, ItemFacts, NewFileEntry } from './associations.ts';
export { createBroker } from './broker.ts';
export { digestOf } from './digest.ts';
export type { AppDigest } from './digest.ts';
export {
  AppChanged,
  AppRequestRefused,
  BadAppPackage,
  BadAppSignature,
  BadManifest,
  NoSuchApp,
} from './errors.ts';
export { inspect, install } from './install.ts';
export type { Inspection } from './install.ts';
export { findInstalled, findUpdate, listInstalled, removeApp } from './installed.ts';
export type { AppUpdate, InstalledApp, InstalledApps } from './installed.ts';
export { composeManifest, MANIFEST_FILE, newManifest, parseManifest } from './manifest.ts';
export type { Manifest, NewFileKind } from './manifest-type.ts';
export { noticesOf, readsFolderOfFile } from './notices.ts';
export type { PermissionNotice } from './notices.ts';
export { canRunInPlace, openInPlace, openInstalled, openPages } from './open-app.ts';
export { readFolderPackage, readZipPackage } from './package.ts';
export type { AppOrigin, AppPackage, PackageFile, PackagePlace } from './package.ts';
export { addedPermissions, NOT_AVAILABLE_YET, PERMISSIONS } from './permissions.ts';
export type { Permission } from './permissions.ts';
export type { AppRecord } from './record.ts';
export { changeShortcut, readShortcuts } from './shortcuts.ts';
export type { Shortcut, Shortcuts } from './shortcuts.ts';
export { SIGNATURE_FILE, signApp, verifyAppSignature, writerKeys } from './signature.ts';
export type { AppSigner, SignedApp } from './signature.ts';
export { readAppToPublish, signPublishedApp } from './publish.ts';
export type { AppToPublish, PublishedVersion } from './publish.ts';
export { rangeOf } from './answers.ts';
export { DEFAULT_SITE_POLICY, siteFile, sitePolicy } from './site-file.ts';
export type { Site, SiteFile, SiteFileOptions } from './site-file.ts';
export type {
  AppAsset,
  AppBody,
  AppLimits,
  AppMode,
  AppRequest,
  AppResponse,
  Broker,
  BrokerOptions,
  DrivePath,
  FileQuestion,
  Host,
  OpenedItem,
  RunnableApp,
} from './types.ts';
export { appSubdomain, keyedSubdomain, pageSubdomain } from './subdomain.ts';
export { compareVersions, parseVersion } from './version.ts';
export type { Version } from './version.ts';
