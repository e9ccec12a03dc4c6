/** What screens can know of the nodes around an account. Texts of nodes are hostile. */

/** Two states of one number, both signed by the registry of names: it lied to somebody. */
export interface ProvenFork {
  readonly sequence: number;
  /** Hashes of the two states. */
  readonly states: readonly string[];
}

/** How the registry of names looks from the account's node. */
export interface RegistryFacts {
  /** Of the state that the node serves; 0: none. */
  readonly sequence: number;
  /** Why the node does not take the registry's newest state, in its words. */
  readonly refused?: string;
  /** Verified here. */
  readonly forks: readonly ProvenFork[];
}

/** The node an account lives on. */
export interface NodeFacts {
  /** Its peer id. */
  readonly id: string;
  /** Multiaddrs by which pages reach it without a domain; each is of this id. */
  readonly addresses: readonly string[];
  /** Absent where the node says nothing of a registry. */
  readonly registry?: RegistryFacts;
}

/** A name of which two nodes say different things; keys by their fingerprints. */
export interface NameDispute {
  readonly username: string;
  /** What the account's node says. */
  readonly own: string;
  /** What the second node says. */
  readonly other: string;
}

/** What came of asking the second node of an account. */
export interface WitnessReport {
  /** Origin of the server, or multiaddr of the node. */
  readonly server: string;
  /** Names of which both say the same. */
  readonly agreed: number;
  /** Names that the second node does not know. */
  readonly unknown: number;
  readonly disputes: readonly NameDispute[];
}

/** Calls about the nodes around an account. */
export interface NodeCalls {
  nodeFacts(signal?: AbortSignal): Promise<NodeFacts>; // of the node the account lives on
  /** The second node that is asked about people's keys: origin or multiaddr. */
  witness(): Promise<string | undefined>;
  /** Names it as typed; throws SameNode, and what keeps its answers away. */
  setWitness(typed: string, signal?: AbortSignal): Promise<WitnessReport>;
  checkWitness(signal?: AbortSignal): Promise<WitnessReport>; // throws NoSecondNode
  removeWitness(): Promise<void>;
}
