/**
 * The page's part: makes the connections that its engine asks for and hands their channels over. It
 * asks no server for its own address, and learns nothing of what the channels carry.
 */
import { serve } from '#lib/rpc/index.ts';
import type { Handlers, Wire } from '#lib/rpc/index.ts';
import { NoWebRtc, StreamEnded } from './errors.ts';
import { pageProtocol } from './page-protocol.ts';
import type { MovedChannel, PageProtocol } from './page-protocol.ts';
import { relayOf } from './relay.ts';
import { answerOf, icePassword, sdpFingerprint } from './sdp.ts';
import type { Reachable } from './sdp.ts';

/** What makes connections: the browser's, or another one in a test. */
export type MakesConnections = new (configuration: RTCConfiguration) => RTCPeerConnection;

export interface Dialled {
  readonly connection: RTCPeerConnection;
  /** The channel of the handshake. */
  readonly first: RTCDataChannel;
  /** SHA-256 of the browser's certificate; rejects if the browser refuses the address. */
  readonly fingerprint: Promise<Uint8Array>;
}

/** Begins a connection. Throws {@link NoWebRtc}. */
export function dial(address: Reachable, Connection = browsersOwn()): Dialled {
  const connection = new Connection({ iceServers: [] });
  const first = connection.createDataChannel('', { negotiated: true, id: 0 });
  return { connection, first, fingerprint: describe(connection, address) };
}

async function describe(connection: RTCPeerConnection, address: Reachable): Promise<Uint8Array> {
  const offer = await connection.createOffer();
  await connection.setLocalDescription(offer);
  const own = connection.localDescription?.sdp ?? offer.sdp ?? '';
  await connection.setRemoteDescription({
    type: 'answer',
    sdp: answerOf(address, icePassword(own)),
  });
  return sdpFingerprint(own);
}

function browsersOwn(): MakesConnections {
  if (typeof RTCPeerConnection !== 'function') throw new NoWebRtc();
  return RTCPeerConnection;
}

/** Does what the engine asks over this wire; the result ends all its connections. */
export function serveConnections(wire: Wire): () => void {
  const open = new Map<number, Dialled>();
  const dialled = (id: number): Dialled => {
    const found = open.get(id);
    if (found === undefined) throw new StreamEnded();
    return found;
  };
  const hangUp = (id: number): void => {
    open.get(id)?.connection.close();
    open.delete(id);
  };
  const handlers: Handlers<PageProtocol> = {
    dial: async (_context, id, address) => {
      const fresh = begin(address);
      open.set(id, fresh);
      fresh.connection.addEventListener('connectionstatechange', () => {
        if (['closed', 'failed'].includes(fresh.connection.connectionState)) hangUp(id);
      });
      fresh.fingerprint.catch(() => hangUp(id));
      return moving(fresh.first);
    },
    fingerprint: (_context, id) => dialled(id).fingerprint,
    open: async (_context, id) => moving(dialled(id).connection.createDataChannel('')),
    hangUp: async (_context, id) => hangUp(id),
  };
  const stop = serve(wire, pageProtocol, handlers);
  return () => {
    stop();
    for (const id of [...open.keys()]) hangUp(id);
  };
}

/** A policy or an extension may keep the browser from it. */
function begin(address: Reachable): Dialled {
  try {
    return dial(address);
  } catch (error) {
    if (error instanceof DOMException) throw new NoWebRtc();
    throw error;
  }
}

let canMove: boolean | undefined;

/** A channel can be moved in the task in which it was made, and only there. */
function moving(channel: RTCDataChannel): MovedChannel {
  canMove ??= movesChannels();
  return canMove ? channel : relayOf(channel);
}

function movesChannels(): boolean {
  const connection = new RTCPeerConnection();
  try {
    const channel = connection.createDataChannel('');
    structuredClone(channel, { transfer: [channel as unknown as Transferable] });
    return true;
  } catch {
    return false;
  } finally {
    connection.close();
  }
}
