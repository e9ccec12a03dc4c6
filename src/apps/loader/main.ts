/**
 * The first script of an app's document: it asks the page for its ports, reads the app's page over
 * them, and writes it into the frame in a form that needs no network.
 *
 * It makes apps run; it does not confine them. What confines them is the opaque origin, the headers
 * (`src/lib/sw/frame-pages.ts`), the policy made in the first line, and the checks of the engine.
 */
import { sandboxTestStart } from '#lib/frames/index.ts';
import { allowNamedPolicies, makeDefaultPolicy, removeSenders } from '../shared/policy.ts';
import { textTools } from '../shared/text-tools.ts';
import { Addresses } from './address.ts';
import { nativeParent } from './natives.ts';
import { begin } from './run.ts';
import { sandboxFaults } from './self-test.ts';

makeDefaultPolicy(textTools());
removeSenders();
allowNamedPolicies();

const addresses = new Addresses(location.href);
addEventListener('message', function receive({ source, data }) {
  if (source !== nativeParent) return;
  removeEventListener('message', receive);
  const test = sandboxTestStart(data);
  if (test === undefined) void begin(addresses, data);
  else {
    void sandboxFaults(test.hasOwnOrigin === true).then((faults) =>
      test.answer.postMessage(faults),
    );
  }
});
nativeParent.postMessage({ type: 'ready', nonce: addresses.nonce }, '*');
