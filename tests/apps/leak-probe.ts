/** The probe as an app, and as an ordinary page that shows that the listeners hear. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { appFolder } from './app-files.ts';
import type { Listeners } from './listeners.ts';

/** A name that only a look-up in the DNS would show. */
export const DNS_NAME = 'dns.leak.test';

/** Ways that end the document; as in `samples/probe/departures.js`. */
export const DEPARTURES = [
  'href',
  'assign',
  'replace',
  'whole',
  'commented',
  'anchor',
  'area',
  'formAction',
  'navigation',
  'metaRefresh',
  'http',
  'httpReplace',
  'httpMeta',
  'httpAnchor',
  'httpTop',
  'blob',
  'data',
  'shell',
] as const;

/** What an ordinary page sends, and with which path it arrives. */
export const CONTROL_PATHS: Readonly<Record<string, string>> = {
  fetch: '/fetch',
  xhr: '/xhr',
  image: '/image',
  video: '/video',
  cssBackground: '/background',
  cssImport: '/import',
  cssFont: '/font',
  stylesheet: '/stylesheet',
  script: '/script',
  moduleScript: '/module',
  dynamicImport: '/dynamic-import',
  beacon: '/beacon',
  webSocket: '/socket',
  eventSource: '/events',
  prefetch: '/prefetch',
  blobWorker: '/worker-fetch',
  formFrame: '/form-frame',
  frameHttp: '/frame',
  frameBlob: '/frame-blob',
  object: '/object',
  embed: '/embed',
  rtc: '',
  preconnect: '',
  dnsPrefetch: '',
};
/** Documents with fresh globals that an ordinary page can make. */
export const CONTROL_REALMS = ['property', 'innerHTMLUpper', 'attlist', 'frameJavascript'].map(
  (name) => `realm-${name}`,
);
export const CONTROL_QUERY = `?only=${[...Object.keys(CONTROL_PATHS), ...CONTROL_REALMS].join(',')}`;

export function probeApp(listeners: Listeners): Record<string, string> {
  const targets = Buffer.from(targetsScript(listeners)).toString('base64');
  return { ...appFolder('probe'), 'targets.js': targets };
}

function targetsScript({ http, webSocket, stun }: Listeners): string {
  return `globalThis.T = ${JSON.stringify({ http, webSocket, stun, dnsName: DNS_NAME })};`;
}

export interface Control {
  readonly url: string;
  close(): Promise<void>;
}

/** The same files on an ordinary page, without any policy. */
export async function serveControl(listeners: Listeners): Promise<Control> {
  const files = probeApp(listeners);
  const server = createServer(({ url = '/' }, response) => {
    const name = new URL(url, 'http://localhost').pathname.slice(1);
    const file = files[name === '' ? 'index.html' : name];
    response.statusCode = file === undefined ? 404 : 200;
    response.setHeader('Content-Type', name.endsWith('.js') ? 'text/javascript' : 'text/html');
    response.end(Buffer.from(file ?? '', 'base64'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${String(port)}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
