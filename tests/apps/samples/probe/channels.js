/**
 * Every way of a document to send something, each to a path of its own. `T` has the addresses of the
 * listeners; a way that throws has not sent.
 */
globalThis.channels = {
  fetch: () => fetch(`${T.http}/fetch`, { mode: 'no-cors' }),
  fetchKeepalive: () =>
    fetch(`${T.http}/keepalive`, { mode: 'no-cors', keepalive: true, method: 'POST', body: 'x' }),
  xhr: () => {
    const request = new XMLHttpRequest();
    request.open('GET', `${T.http}/xhr`);
    request.send();
  },
  image: () => (new Image().src = `${T.http}/image`),
  imageByMarkup: () => add('div').setHTMLUnsafe?.(`<img src="${T.http}/markup">`),
  srcset: () => (new Image().srcset = `${T.http}/srcset 1x`),
  video: () => (add('video').src = `${T.http}/video`),
  audio: () => new Audio(`${T.http}/audio`).load(),
  track: () => {
    const video = add('video');
    const track = document.createElement('track');
    track.default = true;
    track.src = `${T.http}/track`;
    video.append(track);
    if (track.track) track.track.mode = 'showing';
  },
  poster: () => (add('video').poster = `${T.http}/poster`),
  cssBackground: () => (add('div').style.backgroundImage = `url(${T.http}/background)`),
  cssImport: () => (add('style').textContent = `@import url(${T.http}/import);`),
  cssFont: () => {
    add('style').textContent = `@font-face { font-family: F; src: url(${T.http}/font) }`;
    add('p').style.fontFamily = 'F';
    return document.fonts.load('12px F', 'a');
  },
  fontFace: () => new FontFace('G', `url(${T.http}/fontface)`).load(),
  constructedSheet: () => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`body { border-image: url(${T.http}/sheet) 1 }`);
    document.adoptedStyleSheets = [sheet];
  },
  stylesheet: () => link('stylesheet', `${T.http}/stylesheet`),
  icon: () => link('icon', `${T.http}/icon`),
  manifest: () => link('manifest', `${T.http}/manifest`),
  script: () => (add('script').src = `${T.http}/script`),
  moduleScript: () => {
    const script = document.createElement('script');
    script.type = 'module';
    script.src = `${T.http}/module`;
    document.body.append(script);
  },
  dynamicImport: () => import(`${T.http}/dynamic-import`),
  importInScript: () => (add('script').textContent = `import('${T.http}/import-in-script')`),
  beacon: () => navigator.sendBeacon(`${T.http}/beacon`, 'x'),
  ping: () => {
    const anchor = add('a');
    anchor.href = '#here';
    anchor.ping = `${T.http}/ping`;
    anchor.click();
  },
  webSocket: () => new WebSocket(`${T.webSocket}/socket`),
  webSocketStream: () => new WebSocketStream(`${T.webSocket}/stream`),
  eventSource: () => new EventSource(`${T.http}/events`),
  webTransport: () => new WebTransport(T.http.replace('http:', 'https:')),
  prefetch: () => link('prefetch', `${T.http}/prefetch`),
  preload: () => link('preload', `${T.http}/preload`, { as: 'image' }),
  modulepreload: () => link('modulepreload', `${T.http}/modulepreload`),
  preconnect: () => link('preconnect', `${T.http}/`),
  preconnectAttribute: () => hint((it) => it.setAttribute('REL', 'preConnect')),
  preconnectNode: () =>
    hint((it) => {
      const node = document.createAttribute('rel');
      it.setAttributeNode(node);
      node.value = 'preconnect';
    }),
  preconnectNodeText: () =>
    hint((it) => {
      const node = document.createAttribute('rel');
      it.setAttributeNode(node);
      node.textContent = 'preconnect';
    }),
  preconnectMoved: () =>
    hint((it) => {
      const box = document.createElement('div');
      box.innerHTML = '<p rel="preconnect"></p>';
      const [node] = box.firstChild.attributes;
      box.firstChild.removeAttributeNode(node);
      it.setAttributeNode(node);
    }),
  preconnectList: () => hint((it) => it.relList.add('preconnect')),
  preconnectListValue: () => hint((it) => (it.relList.value = 'preconnect')),
  preconnectClone: () =>
    hint((it) => {
      const other = document.implementation.createHTMLDocument('');
      other.body.innerHTML = `<link rel="pre&#99;onnect" href="${T.http}/">`;
      it.after(document.adoptNode(other.body.firstChild));
    }),
  preconnectEntity: () =>
    (add('div').innerHTML = `<link rel="&#x070;re&#0099onnect" href="${T.http}/">`),
  preconnectXml: () =>
    document.body.append(
      document.importNode(
        new DOMParser().parseFromString(
          `<x:link xmlns:x="http://www.w3.org/1999/xhtml" rel="&#112;reconnect" href="${T.http}/"/>`,
          'application/xhtml+xml',
        ).documentElement,
        true,
      ),
    ),
  preconnectStolen: () => {
    const stolen = [];
    const { call, apply } = Function.prototype;
    Function.prototype.call = function (...args) {
      stolen.push(this);
      return Reflect.apply(this, args[0], args.slice(1));
    };
    const element = document.createElement('link');
    element.setAttribute('rel', 'icon');
    element.setAttributeNS(null, 'rel', 'icon');
    Object.assign(Function.prototype, { call, apply });
    element.href = `${T.http}/`;
    for (const each of stolen) {
      try {
        Reflect.apply(each, element, ['rel', 'preconnect']);
        Reflect.apply(each, element, [null, 'rel', 'preconnect']);
      } catch {
        // Another function.
      }
    }
    document.head.append(element);
  },
  dnsPrefetch: () => link('dns-prefetch', `//${T.dnsName}/`),
  linkByMarkup: () =>
    (add('div').innerHTML =
      `<link rel="prefetch" href="${T.http}/prefetch2"><link rel="preconnect" href="${T.http}/">`),
  speculation: () => {
    const script = document.createElement('script');
    script.type = 'speculationrules';
    script.textContent = JSON.stringify({
      prefetch: [{ source: 'list', urls: [`${T.http}/speculation`], eagerness: 'immediate' }],
      prerender: [{ source: 'list', urls: [`${T.http}/prerender`], eagerness: 'immediate' }],
    });
    document.head.append(script);
  },
  ownOrigin: () => fetch(new URL('/leak-fetch', location.href)),
  ownOriginImage: () => (new Image().src = '/leak-image'),
  ownOriginScript: () => (add('script').src = '/leak-script'),
  blobWorker: () => {
    const code = `
      fetch('${T.http}/worker-fetch', { mode: 'no-cors' }).catch(() => 0);
      try { importScripts('${T.http}/worker-import') } catch {}
      try { new WebSocket('${T.webSocket}/worker-socket') } catch {}
      try { new EventSource('${T.http}/worker-events') } catch {}
      import('${T.http}/worker-module').catch(() => 0);
      try { new XMLHttpRequest().constructor; const x = new XMLHttpRequest(); x.open('GET', '${T.http}/worker-xhr'); x.send() } catch {}
      try { new RTCPeerConnection() } catch {}
    `;
    return new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
  },
  sharedWorker: () =>
    new SharedWorker(
      URL.createObjectURL(new Blob([`fetch('${T.http}/shared', {mode:'no-cors'})`])),
    ),
  popup: () => open(`${T.http}/popup`),
  anchorBlank: () => {
    const anchor = add('a');
    anchor.href = `${T.http}/blank`;
    anchor.target = '_blank';
    anchor.click();
  },
  form: () => form(`${T.http}/form`, '_self'),
  formBlank: () => form(`${T.http}/form-blank`, '_blank'),
  formFrame: () => {
    const frame = add('iframe');
    frame.name = 'inner';
    form(`${T.http}/form-frame`, 'inner');
  },
  download: () => {
    const anchor = add('a');
    anchor.href = `${T.http}/download`;
    anchor.download = 'x';
    anchor.click();
  },
  frameHttp: () => (add('iframe').src = `${T.http}/frame`),
  frameClone: () => {
    const other = document.implementation.createHTMLDocument('');
    other.body.innerHTML = `<iframe src="${T.http}/frame-clone"></iframe>`;
    document.body.append(document.importNode(other.body.firstChild, true));
  },
  frameOfDocument: () => {
    const other = document.implementation.createDocument('http://www.w3.org/1999/xhtml', 'iframe');
    other.documentElement.src = `${T.http}/frame-of-document`;
    document.body.append(document.adoptNode(other.documentElement));
  },
  frameOfXml: () => {
    const text = `<a:iframe xmlns:a="http://www.w3.org/1999/xhtml" src="${T.http}/frame-xml"/>`;
    const parsed = new DOMParser().parseFromString(text, 'application/xhtml+xml');
    document.body.append(document.importNode(parsed.documentElement, true));
  },
  frameCustom: () => {
    customElements.define('x-frame', class extends HTMLIFrameElement {}, { extends: 'iframe' });
    const element = new (customElements.get('x-frame'))();
    element.src = `${T.http}/frame-custom`;
    document.body.append(element);
  },
  frameInSet: () => {
    const set = add('frameset');
    const element = document.createElement('frame');
    element.src = `${T.http}/frame-in-set`;
    set.append(element);
  },
  frameLocation: () => {
    add('iframe').contentWindow.location.href = `${T.http}/frame-location`;
  },
  frameByMarkup: () => (add('div').innerHTML = `<iframe src="${T.http}/frame-markup"></iframe>`),
  frameBlob: () =>
    (add('iframe').src = URL.createObjectURL(
      new Blob([page(`${T.http}/frame-blob`)], { type: 'text/html' }),
    )),
  frameData: () =>
    (add('iframe').src = `data:text/html,${encodeURIComponent(page(`${T.http}/frame-data`))}`),
  frameScript: () => (add('iframe').src = `javascript:'<img src="${T.http}/frame-javascript">'`),
  object: () => (add('object').data = `${T.http}/object`),
  embed: () => (add('embed').src = `${T.http}/embed`),
  fencedFrame: () => (add('fencedframe').src = `${T.http}/fenced`),
  portal: () => (add('portal').src = `${T.http}/portal`),
  svgUse: () =>
    (add('div').innerHTML =
      `<svg><use href="${T.http}/use#a"/><image href="${T.http}/svg-image"/><filter><feImage href="${T.http}/fe-image"/></filter></svg>`),
  svgUseData: () =>
    (add('div').innerHTML =
      `<svg><use href="data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" id="a"><image href="${T.http}/use-data"/></svg>`)}#a"/></svg>`),
  svgUseBlob: () => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg"><g id="a"><image href="${T.http}/use-blob"/><foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="${T.http}/use-frame"/></foreignObject></g></svg>`;
    const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
    add('div').innerHTML = `<svg><use href="${url}#a"/></svg>`;
  },
  rtc: () => {
    const connection = new RTCPeerConnection({ iceServers: [{ urls: T.stun }] });
    connection.createDataChannel('x');
    return connection.createOffer().then((offer) => connection.setLocalDescription(offer));
  },
  report: () => new ReportingObserver(() => 0).observe(),
  cssSupports: () => CSS.paintWorklet?.addModule(`${T.http}/worklet`),
  audioWorklet: () =>
    new OfflineAudioContext(1, 1, 44100).audioWorklet.addModule(`${T.http}/audio-worklet`),
  serviceWorker: () => navigator.serviceWorker.register('/service-worker.js?leak'),
};

function add(name) {
  const element = document.createElement(name);
  document.body.append(element);
  return element;
}
function hint(mark) {
  const element = document.createElement('link');
  element.href = `${T.http}/`;
  document.head.append(element);
  mark(element);
}
function link(rel, href, more = {}) {
  const element = document.createElement('link');
  Object.assign(element, { rel, href, ...more });
  document.head.append(element);
}
function form(action, target) {
  const element = add('form');
  Object.assign(element, { action, target, method: 'post' });
  HTMLFormElement.prototype.submit.call(element);
}
function page(url) {
  return `<img src="${url}"><script>fetch('${url}-fetch', { mode: 'no-cors' })</` + 'script>';
}
