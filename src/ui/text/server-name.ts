/** How screens name the server of an account. */

/** `host[:port]` of an origin, or of the multiaddr of a node that is reached without a domain. */
export function serverName(server: string): string {
  const [, family, ip, , port] = server.split('/');
  if (!server.startsWith('/')) return new URL(server).host;
  return `${family === 'ip6' ? `[${ip}]` : ip}:${port}`;
}
