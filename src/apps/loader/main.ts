/** The first script of an app's document. */
import { makeDefaultPolicy, removeSenders } from '../shared/policy.ts';

makeDefaultPolicy();
removeSenders();
const nonce = location.pathname.split('/').at(-2) ?? '';
parent.postMessage({ type: 'ready', nonce }, '*');
