/** The first script of a viewer's document: it asks the page for its ports and loads the viewer. */
import { fileCalls, pageCalls, parseViewerStart, viewerCalls } from '#lib/frames/index.ts';
import { connect, serve } from '#lib/rpc/index.ts';
import { allowNamedPolicies, makeDefaultPolicy, removeSenders } from '../shared/policy.ts';
import { textTools } from '../shared/text-tools.ts';
import type { ViewerModule } from '../shared/viewer-frame.ts';
import { ModuleLoader } from './module-loader.ts';

makeDefaultPolicy(textTools());
allowNamedPolicies();
removeSenders();

addEventListener('message', function receive({ source, data }) {
  if (source !== parent) return;
  removeEventListener('message', receive);
  void begin(data);
});
const nonce = location.pathname.split('/').at(-2) ?? '';
parent.postMessage({ type: 'ready', nonce }, '*');

async function begin(data: unknown): Promise<void> {
  const { entry, theme, file, page } = parseViewerStart(data);
  const pageCaller = connect(page, pageCalls);
  const loader = new ModuleLoader(pageCaller);
  globalThis.loadModule = loader.load;
  const fileCaller = connect(file, fileCalls);
  page.start();
  file.start();
  const viewer = (await loader.load(entry)) as ViewerModule;
  await viewer.start({
    file: fileCaller,
    page: pageCaller,
    theme,
    serve: (handlers) => void serve(page, viewerCalls, handlers),
  });
}
