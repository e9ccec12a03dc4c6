/** Which endpoint a path means, and what is said where there is none (B-1 §1.1). */
import { PATHS } from '#lib/protocol/index.ts';
import { BLOCK_ENDPOINTS } from './block-endpoints.ts';
import { CORE_ENDPOINTS } from './core-endpoints.ts';
import type { Endpoint } from './endpoint.ts';
import { LOGIN_ENDPOINTS } from './login-endpoints.ts';
import { OFFER_ENDPOINTS } from './extension-endpoints.ts';
import { POINTER_ENDPOINTS } from './pointer-endpoints.ts';
import { SERVICE_ENDPOINTS } from './service-endpoints.ts';

/** Every call there is, by its path. */
export const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map([
  ...BLOCK_ENDPOINTS,
  ...POINTER_ENDPOINTS,
  ...CORE_ENDPOINTS,
  ...LOGIN_ENDPOINTS,
  ...SERVICE_ENDPOINTS,
  ...OFFER_ENDPOINTS,
]);

const UNKNOWN_METHOD: readonly (readonly [prefix: string, text: (method: string) => string])[] = [
  ['peergos/v0/core/', () => 'Unknown pkinode method!'],
  ['peergos/v0/mutable/', () => 'Unknown method in mutable pointers!'],
  ['peergos/v0/social/', (method) => `Unknown method ${method.slice(0, 100)}`],
  ['peergos/v0/login/', () => 'Unknown method in AccountHandler!'],
  ['peergos/v0/bats/', () => 'Unknown method in BatsHandler!'],
  ['peergos/v0/storage/', () => 'Unknown method in StorageHandler!'],
  ['peergos/v0/server-message/', () => 'Unknown method in ServerMessageHandler!'],
  ['peergos/v0/admin/', () => 'Unknown method in admin handler!'],
];

export type Route =
  | { readonly path: string; readonly endpoint: Endpoint }
  /** The text of a status 400. */
  | { readonly unknownMethod: string }
  | 'not found';

/** `pathname` with its leading slash. */
export function routeOf(pathname: string): Route {
  const path = pathname.slice(1);
  const endpoint = ENDPOINTS.get(path);
  if (endpoint !== undefined) return { path, endpoint };
  if (path.startsWith(`${PATHS.getUsernamesGzip}/`)) {
    // The prefix after it is ignored: the complete list is answered always.
    return routeOf(`/${PATHS.getUsernamesGzip}`);
  }
  const unknown = UNKNOWN_METHOD.find(([prefix]) => path.startsWith(prefix));
  if (unknown === undefined) return 'not found';
  const [prefix, text] = unknown;
  return { unknownMethod: text(path.slice(prefix.length)) };
}
