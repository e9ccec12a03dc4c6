import type { EngineProtocol } from '../engine-protocol.ts';
import type { Caller } from '#lib/rpc/index.ts';

/** The engine that runs now: it may have been replaced since the last call. */
export type EngineCaller = () => Caller<EngineProtocol>;
