/** Calls about the nodes around an account. */
import { count, listOf, nothing, nullable, object, shape, text } from '#lib/rpc/index.ts';
import type { Parser } from '#lib/rpc/index.ts';
import type { NameDispute, NodeFacts, ProvenFork, RegistryFacts, WitnessReport } from '../types.ts';

const fork: Parser<ProvenFork> = object({ sequence: count, states: listOf(text) });
const registry: Parser<RegistryFacts> = object(
  { sequence: count, forks: listOf(fork) },
  { refused: text },
);
const nodeFacts: Parser<NodeFacts> = object({ id: text, addresses: listOf(text) }, { registry });
const dispute: Parser<NameDispute> = object({ username: text, own: text, other: text });
const witnessReport: Parser<WitnessReport> = object({
  server: text,
  agreed: count,
  unknown: count,
  disputes: listOf(dispute),
});

export const nodeProtocol = {
  nodeFacts: shape([], nodeFacts),
  witness: shape([], nullable(text)),
  /** Names the second node, as typed. */
  setWitness: shape([text], witnessReport),
  checkWitness: shape([], witnessReport),
  removeWitness: shape([], nothing),
};
