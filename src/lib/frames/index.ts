/** What page, engine, service worker and the frames of viewers and apps say to each other. */
export { APP_LOADER_FILE, APP_ORIGINS_META, appOriginOf, isAppLabel } from './app-origins.ts';
export type { FrameFiles, FrameModule } from './frame-files.ts';
export { frameDocument, frameHeaders } from './frame-headers.ts';
export { WEBSITES_META, websiteAddressOf } from './websites.ts';
export {
  FRAME_KINDS,
  FRAME_PATH,
  frameOfPath,
  framePath,
  parseAppStart,
  parseReady,
  parseViewerStart,
  VIEWER_KINDS,
} from './frame-start.ts';
export type {
  AppStart,
  FrameKind,
  ReadyMessage,
  ThemeName,
  ViewerKind,
  ViewerStart,
} from './frame-start.ts';
export {
  appCalls,
  appDataCalls,
  appPageCalls,
  REQUEST_BODY_LIMIT_BYTES,
  STORAGE_LIMIT_BYTES,
} from './app-calls.ts';
export { parseSandboxFaults, SANDBOX_FAULTS, sandboxTestStart } from './sandbox-test.ts';
export type { SandboxFault, SandboxTestStart } from './sandbox-test.ts';
export {
  DRAFT_LIMIT_BYTES,
  fileCalls,
  PAGE_KEYS,
  pageCalls,
  READ_LIMIT_BYTES,
  SAVE_LIMIT_BYTES,
  VIEWER_CHOICES,
  viewerCalls,
} from './viewer-calls.ts';
export type { PageKey, ViewerChoice, ViewerFailure } from './viewer-calls.ts';
