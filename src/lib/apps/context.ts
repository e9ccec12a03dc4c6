/** What the routes of one running app share. */
import type { Drive } from '#lib/drive/index.ts';
import { AppRequestRefused } from './errors.ts';
import type { DataFolder } from './data-folder.ts';
import type { Dialogs, RateLimit } from './limits.ts';
import type { Permission } from './permissions.ts';
import type { Reach } from './reach.ts';
import type { AppRequest, AppResponse, BrokerOptions } from './types.ts';

export interface RouteContext {
  readonly drive: Drive;
  readonly options: BrokerOptions;
  readonly username: string;
  readonly reach: Reach;
  readonly dialogs: Dialogs;
  readonly writes: RateLimit;
  readonly data: DataFolder;
}

/** A request whose path was parsed. */
export interface RoutedRequest extends AppRequest {
  /** Names after the route, decoded and checked. */
  readonly names: readonly string[];
  readonly params: URLSearchParams;
}

export type Route = (
  context: RouteContext,
  request: RoutedRequest,
  signal?: AbortSignal,
) => Promise<AppResponse>;

/** @throws AppRequestRefused */
export function needPermission({ options }: RouteContext, permission: Permission): void {
  if (options.app.manifest.permissions.includes(permission)) return;
  throw new AppRequestRefused(`The app has not the permission ${permission}.`);
}
