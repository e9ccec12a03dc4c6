import { twice } from './tools.js';
import { twice as again } from 'tools';
import deep from 'lib/deep.js';
import { a } from './cycle-a.js';

const API = '/peergos-api/v0';
const { results } = globalThis;

async function note(name, work) {
  try {
    results[name] = await work();
  } catch (error) {
    results[name] = `failed: ${error}`;
  }
}

results.order.push('module');
results.static = twice(4);
results.mapped = `${again === twice} ${deep}`;
results.cycle = a();
results.meta = import.meta.url.endsWith('/js/main.js');

await note('dynamic', async () => (await import('./lazy.js')).default);
await note('computed', async () => (await import(`./${'la'}zy.js`)).default);
await note('missingModule', () => import('./missing.js').catch((error) => error.name));
await note(
  'fetchUrl',
  async () => (await (await fetch(new URL('data.json', import.meta.url))).json()).answer,
);
await note('fetchMissing', async () => (await fetch('js/missing.json')).status);
await note('fetchElsewhere', async () => (await fetch('https://elsewhere.invalid/')).status);
await note('fetchNull', async () => (await fetch(null)).status);
await note('fetchData', async () => (await fetch('data:text/plain;base64,aGk=')).text());
await note('fetchBlob', async () =>
  (await fetch(URL.createObjectURL(new Blob(['of the page'])))).text(),
);
await note('fetchAborted', () => {
  const abort = new AbortController();
  abort.abort();
  return fetch('js/data.json', { signal: abort.signal }).catch((error) => error.name);
});
await note('large', async () => {
  const bytes = new Uint8Array(await (await fetch('large.bin')).arrayBuffer());
  return `${bytes.length} ${bytes.at(-1)}`;
});
await note('xhr', () => {
  const seen = [];
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.onreadystatechange = () => seen.push(request.readyState);
    request.onload = () =>
      resolve(`${seen} ${request.status} ${JSON.parse(request.responseText).answer}`);
    request.open('GET', 'js/data.json');
    request.send();
  });
});
await note('syncXhr', () => {
  const request = new XMLHttpRequest();
  request.open('GET', 'js/data.json', false);
  request.send();
  return JSON.parse(request.responseText).answer;
});
await note('xhrDocument', () => {
  const request = new XMLHttpRequest();
  request.open('GET', 'pages/other.html');
  request.responseType = 'document';
  return new Promise((resolve) => {
    request.onload = () => resolve(request.response.querySelector('h1').textContent);
    request.send();
  });
});
await note('wasm', async () => {
  const { instance } = await WebAssembly.instantiateStreaming(fetch('add.wasm'));
  return instance.exports.add(40, 2);
});
const answerOf = (worker, data) =>
  new Promise((resolve, reject) => {
    worker.onmessage = (event) => resolve(event.data);
    worker.onerror = (event) => reject(new Error(event.message ?? 'worker failed'));
    worker.postMessage(data);
  });
await note('classicWorker', () => answerOf(new Worker('js/classic-worker.js'), 'hello'));
await note('moduleWorker', () =>
  answerOf(new Worker(new URL('module-worker.js', import.meta.url), { type: 'module' }), 5),
);
await note('blobWorker', () => {
  const code = 'onmessage = ({ data }) => postMessage(data + 1)';
  return answerOf(new Worker(URL.createObjectURL(new Blob([code]))), 1);
});
await note('revokedWorker', () => {
  const code = 'onmessage = ({ data }) => postMessage(data + 1)';
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  const worker = new Worker(url);
  URL.revokeObjectURL(url);
  return answerOf(worker, 2);
});
await note('dataWorker', () =>
  answerOf(
    new Worker(
      'data:text/javascript;chartset=US-ASCII,onmessage = (e) => { postMessage(e.data + 2); };',
    ),
    2,
  ),
);
await note('failingWorker', () =>
  answerOf(new Worker(URL.createObjectURL(new Blob(['throw 1']))), 1).catch(() => 'error'),
);
await note('missingWorker', () => answerOf(new Worker('js/missing.js'), 1).catch(() => 'error'));
await note('data', async () => {
  const put = await fetch(`${API}/data/a.txt`, { method: 'PUT', body: 'first' });
  const append = await fetch(`${API}/data/a.txt`, {
    method: 'PATCH',
    headers: { 'X-Update-Range': 'append' },
    body: ' second',
  });
  const post = await fetch(`${API}/data/list`, { method: 'POST', body: '1' });
  const at = post.headers.get('location');
  const read = await (await fetch(`${API}/data/a.txt`)).text();
  const gone = await fetch(`${API}/data/${at}`, { method: 'DELETE' });
  return [put.status, append.status, post.status, gone.status, read].join(' ');
});
await note('pick', async () => {
  const [path] = await (await fetch(`${API}/file-picker/`)).json();
  await fetch(path, { method: 'PUT', body: 'written' });
  return (await fetch(path)).text();
});
await note('localStorage', () => {
  const held = localStorage.getItem('kept');
  localStorage.setItem('made', 'yes');
  localStorage.byName = 1;
  return [held, localStorage.made, localStorage.length, Object.keys(localStorage).join()].join(' ');
});
await note('cookie', () => {
  document.cookie = 'a=1; path=/';
  document.cookie = 'b=2';
  document.cookie = 'a=; max-age=0';
  return document.cookie;
});
await note('indexedDB', async () => {
  const done = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const opening = indexedDB.open('own', 2);
  opening.onupgradeneeded = () => {
    const store = opening.result.createObjectStore('things', {
      keyPath: 'id',
      autoIncrement: true,
    });
    store.createIndex('name', 'name');
  };
  const database = await done(opening);
  const store = database.transaction('things', 'readwrite').objectStore('things');
  await done(store.add({ name: 'b' }));
  await done(store.put({ name: 'a', bytes: new Uint8Array([1]) }));
  const names = await done(store.index('name').getAll());
  return names.map(({ id, name }) => `${id}${name}`).join();
});
await note('addedPicture', async () => {
  const picture = new Image();
  picture.src = 'img/dot.png';
  await picture.decode();
  return `${picture.naturalWidth} ${picture.src.endsWith('/img/dot.png')} ${picture.getAttribute('src')?.startsWith('blob:')}`;
});
await note('markupPicture', async () => {
  const box = document.createElement('div');
  box.innerHTML = '<img src="img/dot.png" alt="">';
  const picture = box.firstChild;
  let failed = false;
  picture.onerror = () => (failed = true);
  document.body.append(box);
  await new Promise((resolve) => (picture.onload = resolve));
  return `${picture.naturalWidth} ${failed}`;
});
await note('addedScript', async () => {
  const script = document.createElement('script');
  script.setAttribute('src', 'js/added.js');
  const loaded = new Promise((resolve) => (script.onload = resolve));
  document.head.append(script);
  await loaded;
  return globalThis.added;
});
await note('svgImage', async () => {
  const image = document.createElementNS('http://www.w3.org/2000/svg', 'image');
  image.setAttributeNS('http://www.w3.org/1999/xlink', 'xlink:href', 'img/dot.png');
  await new Promise((resolve) => setTimeout(resolve, 50));
  return (image.getAttributeNS('http://www.w3.org/1999/xlink', 'href') ?? '').startsWith('blob:');
});
await note('surroundings', () =>
  [
    parent === window,
    frameElement.contentWindow.location.pathname.endsWith('/index.html'),
    open('https://elsewhere.invalid/'),
    navigator.language,
  ].join(' '),
);
await note('history', () => {
  history.pushState({ page: 1 }, '', '?page=1');
  return history.state.page;
});
await note('namedPolicy', () => typeof trustedTypes?.createPolicy('other', {}).createHTML);
await note('style', () => {
  const { color, backgroundImage } = getComputedStyle(document.querySelector('#styled'));
  return `${color} ${backgroundImage.slice(0, 10)}`;
});
await note('fonts', () => {
  const sheet = [...document.styleSheets].find(({ cssRules }) => cssRules.length > 1);
  return [...sheet.cssRules]
    .map(({ cssText }) => cssText)
    .join(' ')
    .includes('blob:');
});
console.warn('a warning of the app');
if (document.readyState !== 'complete') {
  await new Promise((resolve) => addEventListener('load', resolve));
}
await new Promise((resolve) => setTimeout(resolve, 100));
results.pictures = ['picture', 'set'].map((id) => document.getElementById(id).naturalWidth).join();
results.theme = document.documentElement.dataset.theme;
addEventListener('pyrgos-theme', ({ detail }) => (results.laterTheme = detail.theme));
await fetch(`${API}/data/results.json`, { method: 'PUT', body: JSON.stringify(results) });
