/**
 * The one Trusted Types policy of the app: it lets the page start workers from its own build, and
 * nothing else. Where the browser has no Trusted Types the address is checked all the same.
 */

interface ScriptPolicy {
  createScriptURL(url: string): unknown;
}
interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): ScriptPolicy;
}

let policy: ScriptPolicy | undefined;

/** The address of one of our own scripts, as `Worker` and `register` want it. */
export function trustedScript(url: string | URL): string {
  policy ??= createPolicy();
  return policy.createScriptURL(String(url)) as string;
}

function createPolicy(): ScriptPolicy {
  const rules = { createScriptURL: ownScript };
  const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
  return factory?.createPolicy('pyrgos', rules) ?? rules;
}

function ownScript(url: string): string {
  const absolute = new URL(url, location.href);
  if (absolute.origin !== location.origin) {
    throw new TypeError('A script from elsewhere was refused.');
  }
  return absolute.href;
}
