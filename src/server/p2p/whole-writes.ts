/**
 * Fewer writes to the system: Noise gives each of its messages in pieces (length, ciphertexts, tag),
 * and libp2p's TCP writes each piece by a call of its own.
 */
import type { ConnectionEncrypter, MessageStream } from '@libp2p/interface';

type Factory<Components, Extensions> = (components: Components) => ConnectionEncrypter<Extensions>;

/** The same encrypter; what it sends at once is written to its connection at once. */
export function inWholeWrites<Components, Extensions>(
  factory: Factory<Components, Extensions>,
): Factory<Components, Extensions> {
  return (components) => {
    const encrypter = factory(components);
    return {
      protocol: encrypter.protocol,
      secureInbound: (connection, options) => encrypter.secureInbound(joining(connection), options),
      secureOutbound: (connection, options) =>
        encrypter.secureOutbound(joining(connection), options),
    };
  };
}

function joining<Connection extends MessageStream>(connection: Connection): Connection {
  const send = connection.send.bind(connection);
  connection.send = (data) => send(data instanceof Uint8Array ? data : data.subarray());
  return connection;
}
