/** Runs what the address asks for, and says when it is through. */
globalThis.attempt = async (name, work) => {
  try {
    await Promise.race([work(name), new Promise((resolve) => setTimeout(resolve, 300))]);
    return 'did not throw';
  } catch (error) {
    return String(error).slice(0, 120);
  }
};
async function probe() {
  const query = new URLSearchParams(location.search);
  const outcomes = {};
  const departure = query.get('departure');
  if (departure !== null) {
    await attempt(departure, departures[departure]);
    return;
  }
  const all = { ...channels };
  for (const [name, work] of Object.entries(realms)) all[`realm-${name}`] = work;
  // On an ordinary page some end it, and many documents with WebRTC take long.
  const names = query.get('only')?.split(',') ?? Object.keys(all);
  const ways = Object.fromEntries(names.map((name) => [name, all[name]]));
  await Promise.all(
    Object.entries(ways).map(async ([name, work]) => {
      outcomes[name] = await attempt(name, work);
    }),
  );
  try {
    await fetch('/peergos-api/v0/data/outcomes.json', {
      method: 'PUT',
      body: JSON.stringify(outcomes),
    });
  } catch {
    // The control runs on a page without an app API.
  }
  globalThis.isThrough = true;
  top.postMessage('through', '*');
}
// What the person would bring in: pasted and dropped markup.
const carried = () =>
  `<iframe src="${T.http}/pasted-frame"></iframe><link rel="preconnect" href="${T.http}/">` +
  markup('pasted') +
  `<img src="${T.http}/pasted"><svg><use href="${T.http}/pasted-use#a"/></svg>`;
document.addEventListener('copy', (event) => {
  event.clipboardData.setData('text/html', carried());
  event.preventDefault();
});
document.addEventListener('dragstart', (event) =>
  event.dataTransfer.setData('text/html', carried()),
);
// With a click of the person.
const GESTURES = [
  'popup',
  'anchorBlank',
  'download',
  'formBlank',
  'formFrame',
  'ping',
  'frameHttp',
];
document.addEventListener('click', ({ target }) => {
  if (target.id !== 'gesture') return;
  for (const name of GESTURES) void attempt(name, channels[name]);
  for (const name of ['windowOpen', 'nativeOpen', 'namedFrame']) void attempt(name, realms[name]);
});
globalThis.messages = [];
addEventListener('message', ({ data }) => messages.push(data));
addEventListener('load', () => void probe());
