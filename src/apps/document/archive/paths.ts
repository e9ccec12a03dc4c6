/** References from one part of an archive to another (RFC 3986 §5, as OCF and OPC use it). */

/** The path that a reference leads to, and its fragment; undefined for an address elsewhere. */
export function resolvePart(
  from: string,
  reference: string,
): { readonly path: string; readonly fragment: string } | undefined {
  if (/^[a-z][a-z0-9+.-]*:/iu.test(reference) || reference.startsWith('//')) return undefined;
  const [before = '', ...after] = reference.split('#');
  const fragment = decoded(after.join('#'));
  const address = decoded(before.split('?')[0] ?? '');
  if (address === '') return { path: from, fragment };
  const base = address.startsWith('/') ? [] : from.split('/').slice(0, -1);
  const names = [...base];
  for (const name of address.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return { path: names.join('/'), fragment };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a per cent sign that is one
  }
}
