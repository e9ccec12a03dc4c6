/** What the address the app came from allows: some hosts refuse service workers. */
export class HostState {
  /** No offline start here, and files pass through the page. */
  refusesServiceWorkers = $state(false);
  /** The person has read it. */
  isNoted = $state(false);
}
