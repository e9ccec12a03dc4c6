/** What an app does that wants to hurt the page around it; `top` is that page. */
const API = '/peergos-api/v0/data/';
const tries = {
  forgedStart: () => {
    const { port1 } = new MessageChannel();
    top.postMessage({ type: 'ready', nonce: 'a'.repeat(22) }, '*', [port1]);
    top.postMessage({ type: 'ready', nonce: { length: 22 } }, '*');
    top.postMessage({ type: 'app' }, '*');
    top.postMessage(null, '*');
    top.postMessage([{ type: 'result', id: 1, value: 'forged' }], '*');
  },
  strays: () => {
    for (let i = 0; i < 1_000; i++) top.postMessage({ type: 'ready', nonce: String(i) }, '*');
  },
  huge: () => top.postMessage({ type: 'ready', nonce: 'x'.repeat(20_000_000) }, '*'),
  deep: () => {
    let nested = [];
    for (let i = 0; i < 500; i++) nested = [nested];
    top.postMessage(nested, '*');
  },
  notes: () => {
    for (let i = 0; i < 10_000; i++) console.log('x'.repeat(i));
  },
  errors: () => {
    for (let i = 0; i < 1_000; i++) setTimeout(() => undefinedName());
  },
  requests: () => Promise.all(Array.from({ length: 2_000 }, (_, i) => fetch(`${API}${i}`))),
  largeBody: async () => {
    const { status } = await fetch(`${API}large`, {
      method: 'PUT',
      body: new Uint8Array(65 * 2 ** 20),
    });
    if (status !== 413) throw new Error(`A body over the limit was answered with ${status}.`);
  },
  longAddress: () => fetch(`${API}${'x'.repeat(100_000)}`),
  oddAddresses: () =>
    Promise.all(
      ['%', '%00', '..%2f..', '//', '/../../', 'a\\b', '\u{1f600}'].map((it) => fetch(API + it)),
    ),
  dialogs: () => {
    for (let i = 0; i < 100; i++) alert(i);
  },
  busy: () => {
    const end = performance.now() + 500;
    while (performance.now() < end);
  },
  memory: () => {
    globalThis.kept = Array.from({ length: 20 }, () => new Uint8Array(2 ** 22).fill(1));
  },
  storage: () => {
    try {
      for (let i = 0; i < 100; i++) localStorage.setItem(i, 'x'.repeat(2 ** 18));
    } catch (error) {
      if (error.name === 'QuotaExceededError') return;
    }
    throw new Error('The storage has no end.');
  },
  rawPort: async () => {
    // Its own calls show the app the port to the engine; it says there what no parser knows.
    const { postMessage } = MessagePort.prototype;
    const ports = new Set();
    MessagePort.prototype.postMessage = function (...message) {
      ports.add(this);
      postMessage.apply(this, message);
    };
    await fetch(`${API}none`);
    dispatchEvent(new CustomEvent('pyrgos-state', { detail: { dirty: true } }));
    MessagePort.prototype.postMessage = postMessage;
    if (ports.size !== 2) throw new Error(`${ports.size} ports were seen.`);
    const odd = [
      null,
      1,
      'text',
      [],
      {},
      { type: 'call' },
      { type: 'call', id: -1 },
      { type: 'call', id: 1e6, method: 'constructor', args: [] },
      { type: 'call', id: 1e6 + 1, method: 'request', args: 'none' },
      { type: 'call', id: 1e6 + 2, method: 'request', args: [{ method: 1 }] },
      { type: 'call', id: 1e6 + 3, method: 'readBody', args: ['body 1', -1, Infinity] },
      { type: 'call', id: 1e6 + 4, method: 'writeStorage', args: [new Uint8Array(2 ** 22)] },
      { type: 'call', id: 1e6 + 5, method: 'note', args: [{ kind: 'other', text: {} }] },
      { type: 'call', id: 1e6 + 6, method: 'navigate', args: [{ path: null }] },
      { type: 'abort', id: 1 },
      { type: 'result', id: 1, value: true },
      { type: 'error', id: 1, error: { name: 1 } },
      { type: 'progress', id: 1 },
    ];
    for (const port of ports) {
      for (const message of odd) postMessage.call(port, message);
      for (let i = 0; i < 2_000; i++) {
        postMessage.call(port, { type: 'call', id: 2e6 + i, method: 'x', args: [] });
      }
    }
  },
  prototypes: () => {
    Object.prototype.type = 'ready';
    Object.prototype.nonce = 'x';
    delete Object.prototype.type;
    delete Object.prototype.nonce;
  },
};
addEventListener('load', async () => {
  const failures = [];
  for (const [name, attack] of Object.entries(tries)) {
    try {
      await attack();
    } catch (error) {
      failures.push(`${name}: ${error}`);
    }
  }
  await fetch(`${API}through`, { method: 'PUT', body: failures.join('\n') || 'through' });
});
