/** That a node cannot be reached, in the words of the nodes above. */
import { NodeUnreachable } from '#lib/protocol/index.ts';

const NO_ANSWER =
  'The node does not answer at its address. If it is in your own network, the browser may ask ' +
  'whether this site may reach devices there: allow it.';

/** No connection could be made to the node. */
export class PeerUnreachable extends NodeUnreachable {
  override readonly name = 'PeerUnreachable';
  constructor(message = NO_ANSWER, options?: ErrorOptions) {
    super(message, options);
  }
}
