/**
 * Ways to a document with fresh globals. What runs there says so to the page around all, and whether
 * it has WebRTC; and it sends STUN if it can.
 */
const inner = (route) =>
  `<script>top.postMessage({ realm: ${JSON.stringify(route)}, rtc: typeof RTCPeerConnection }, '*');` +
  `const c = new RTCPeerConnection({ iceServers: [{ urls: '${T.stun}' }] });c.createDataChannel('x');` +
  `c.createOffer().then((o) => c.setLocalDescription(o))</` +
  'script>';
const escaped = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
const markup = (route, name = 'srcdoc') => `<iframe ${name}="${escaped(inner(route))}"></iframe>`;
const entities = (text) => [...text].map((c) => `&#38;#${c.charCodeAt(0)};`).join('');
const frame = () => document.createElement('iframe');
const shown = (element) => document.body.append(element);
const xml = (text, type = 'application/xhtml+xml') => {
  const parsed = new DOMParser().parseFromString(text, type);
  shown(document.importNode(parsed.documentElement, true));
};
const XHTML = 'xmlns="http://www.w3.org/1999/xhtml"';
const attribute = (route, make) => {
  const element = frame();
  const node = make();
  node.value = inner(route);
  return [element, node];
};
const spoiled = (work) => {
  const kept = [
    [
      String.prototype,
      'replaceAll',
      function () {
        return String(this);
      },
    ],
    [
      String.prototype,
      'replace',
      function () {
        return String(this);
      },
    ],
    [String.prototype, 'toLowerCase', () => ''],
    [String.prototype, 'includes', () => false],
    [String.prototype, 'indexOf', () => -1],
    [RegExp.prototype, 'test', () => false],
    [RegExp.prototype, 'exec', () => null],
    [RegExp.prototype, Symbol.replace, (text) => text],
    [Array.prototype, Symbol.iterator, undefined],
  ].map(([owner, name, value]) => {
    const native = owner[name];
    owner[name] = value ?? native;
    return () => (owner[name] = native);
  });
  try {
    work();
  } finally {
    for (let i = 0; i < kept.length; i++) kept[i]();
  }
};

/** While the page is parsed: markup that comes in pieces. */
globalThis.writeInPieces = () => {
  const rest = (r) => `doc="${escaped(inner(r))}"></iframe>`;
  document.write('<iframe src');
  document.write(rest('writtenInPieces'));
  document.write(`<script>document.write('<iframe src')</` + `script>${rest('writtenNested')}`);
  document.write('<iframe &#115;rc');
  document.writeln(rest('writtenLines'));
};

globalThis.realms = {
  property: (r) => {
    const f = frame();
    f.srcdoc = inner(r);
    shown(f);
  },
  reflectSet: (r) => {
    const f = frame();
    Reflect.set(f, 'srcdoc', inner(r));
    shown(f);
  },
  setAttribute: (r) => {
    const f = frame();
    f.setAttribute('srcdoc', inner(r));
    shown(f);
  },
  setAttributeUpper: (r) => {
    const f = frame();
    f.setAttribute('SRCDOC', inner(r));
    shown(f);
  },
  setAttributeMixed: (r) => {
    const f = frame();
    f.setAttribute('sRcDoC', inner(r));
    shown(f);
  },
  setAttributeNS: (r) => {
    const f = frame();
    f.setAttributeNS(null, 'srcdoc', inner(r));
    shown(f);
  },
  toggleAttribute: (r) => {
    const f = frame();
    f.toggleAttribute('srcdoc', true);
    shown(f);
    f.attributes[0].value = inner(r);
  },
  attributeNode: (r) => {
    const [f, a] = attribute(r, () => document.createAttribute('srcdoc'));
    f.setAttributeNode(a);
    shown(f);
  },
  attributeNodeNS: (r) => {
    const [f, a] = attribute(r, () => document.createAttributeNS(null, 'srcdoc'));
    f.setAttributeNodeNS(a);
    shown(f);
  },
  namedItem: (r) => {
    const [f, a] = attribute(r, () => document.createAttribute('srcdoc'));
    f.attributes.setNamedItem(a);
    shown(f);
  },
  namedItemNS: (r) => {
    const [f, a] = attribute(r, () => document.createAttributeNS(null, 'srcdoc'));
    f.attributes.setNamedItemNS(a);
    shown(f);
  },
  attributeLater: (r) => {
    const f = frame();
    const a = document.createAttribute('srcdoc');
    f.setAttributeNode(a);
    shown(f);
    a.value = inner(r);
  },
  attributeNodeValue: (r) => {
    const f = frame();
    const a = document.createAttribute('srcdoc');
    f.setAttributeNode(a);
    shown(f);
    a.nodeValue = inner(r);
  },
  attributeText: (r) => {
    const f = frame();
    const a = document.createAttribute('srcdoc');
    f.setAttributeNode(a);
    shown(f);
    a.textContent = inner(r);
  },
  attributeMoved: (r) => {
    const d = document.createElement('div');
    d.setAttribute('srcdoc', inner(r));
    const a = d.removeAttributeNode(d.attributes[0]);
    const f = frame();
    f.setAttributeNode(a);
    shown(f);
  },
  attributeOfXml: (r) => {
    const d = new Document().createElement('a');
    d.setAttribute('srcdoc', inner(r));
    const a = d.removeAttributeNode(d.attributes[0]);
    const f = frame();
    f.setAttributeNode(document.adoptNode(a));
    shown(f);
  },
  otherDocument: (r) => {
    const other = document.implementation.createHTMLDocument('');
    const f = other.createElement('iframe');
    f.srcdoc = inner(r);
    shown(document.adoptNode(f));
  },
  otherDocumentAttribute: (r) => {
    const other = document.implementation.createHTMLDocument('');
    const f = other.createElement('iframe');
    f.setAttribute('srcdoc', inner(r));
    shown(document.importNode(f, true));
  },
  otherDocumentMarkup: (r) => {
    const other = document.implementation.createHTMLDocument('');
    other.body.innerHTML = markup(r);
    shown(document.adoptNode(other.body.firstChild));
  },
  xmlDocument: (r) => {
    const other = document.implementation.createDocument('http://www.w3.org/1999/xhtml', 'html');
    const f = other.createElementNS('http://www.w3.org/1999/xhtml', 'iframe');
    f.setAttribute('srcdoc', inner(r));
    shown(document.adoptNode(f));
  },
  innerHTML: (r) => {
    const d = document.createElement('div');
    d.innerHTML = markup(r);
    shown(d);
  },
  innerHTMLUpper: (r) => {
    const d = document.createElement('div');
    d.innerHTML = markup(r, 'SRCDOC');
    shown(d);
  },
  innerHTMLSpoiled: (r) =>
    spoiled(() => {
      const d = document.createElement('div');
      d.innerHTML = markup(r);
      shown(d);
    }),
  propertySpoiled: (r) =>
    spoiled(() => {
      const f = frame();
      f.srcdoc = inner(r);
      shown(f);
    }),
  outerHTML: (r) => {
    const d = document.createElement('div');
    shown(d);
    d.outerHTML = markup(r);
  },
  insertAdjacentHTML: (r) => document.body.insertAdjacentHTML('beforeend', markup(r)),
  documentWrite: (r) =>
    document.write.length >= 0 &&
    document.body.insertAdjacentHTML(
      'beforeend',
      `<script>document.write(${JSON.stringify(markup(r)).replaceAll('<', '\\x3c')})</` + 'script>',
    ),
  contextualFragment: (r) => shown(document.createRange().createContextualFragment(markup(r))),
  setHTMLUnsafe: (r) => {
    const d = document.createElement('div');
    d.setHTMLUnsafe(markup(r));
    shown(d);
  },
  setHTML: (r) => {
    const d = document.createElement('div');
    d.setHTML(markup(r));
    shown(d);
  },
  setHTMLAllowing: (r) => {
    const d = document.createElement('div');
    d.setHTML(markup(r), { sanitizer: { elements: [{ name: 'iframe', attributes: ['srcdoc'] }] } });
    shown(d);
  },
  parseHTMLUnsafe: (r) =>
    shown(document.adoptNode(Document.parseHTMLUnsafe(markup(r)).body.firstChild)),
  parseHTML: (r) => shown(document.adoptNode(Document.parseHTML(markup(r)).body.firstChild)),
  template: (r) => {
    const t = document.createElement('template');
    t.innerHTML = markup(r);
    shown(t.content.cloneNode(true));
  },
  shadowRoot: (r) => {
    const d = document.createElement('div');
    d.attachShadow({ mode: 'open' }).innerHTML = markup(r);
    shown(d);
  },
  declarativeShadow: (r) => {
    const d = document.createElement('div');
    d.setHTMLUnsafe(`<p><template shadowrootmode="open">${markup(r)}</template></p>`);
    shown(d);
  },
  execCommand: (r) => {
    document.querySelector('#editor').focus();
    document.execCommand('insertHTML', false, markup(r));
  },
  domParser: (r) =>
    shown(
      document.adoptNode(new DOMParser().parseFromString(markup(r), 'text/html').body.firstChild),
    ),
  domParserXml: (r) =>
    xml(`<html ${XHTML}><body><iframe srcdoc="${escaped(inner(r))}"/></body></html>`),
  attlist: (r) =>
    xml(
      `<!DOCTYPE html [<!ATTLIST iframe srcdoc CDATA "${escaped(inner(r))}">]><html ${XHTML}><body><iframe/></body></html>`,
    ),
  entityName: (r) =>
    xml(
      `<!DOCTYPE html [<!ENTITY e '&#60;iframe s&#114;cdoc="${escaped(escaped(inner(r)))}"/&#62;'>]><html ${XHTML}><body>&e;</body></html>`,
    ),
  entityReference: (r) =>
    xml(
      `<!DOCTYPE html [<!ENTITY e "${entities(`<iframe srcdoc='${escaped(inner(r))}'/>`)}">]><html ${XHTML}><body>&e;</body></html>`,
    ),
  svgForeign: (r) => {
    const d = document.createElement('div');
    d.innerHTML = `<svg><foreignObject>${markup(r)}</foreignObject></svg>`;
    shown(d);
  },
  xhrDocument: async (r) => {
    const text = `<html ${XHTML}><body><iframe srcdoc="${escaped(inner(r))}"/></body></html>`;
    const url = URL.createObjectURL(new Blob([text], { type: 'application/xhtml+xml' }));
    const request = new XMLHttpRequest();
    request.open('GET', url);
    request.responseType = 'document';
    await new Promise((resolve) => {
      request.onloadend = resolve;
      request.send();
    });
    shown(document.importNode(request.response.querySelector('iframe'), true));
  },
  nativeXhrDocument: async (r) => {
    // A prototype that still leads to the browser's own, if there is one.
    const Native = Object.getPrototypeOf(XMLHttpRequest);
    const request = new Native();
    request.open(
      'GET',
      URL.createObjectURL(
        new Blob([`<html ${XHTML}><iframe srcdoc="${escaped(inner(r))}"/></html>`], {
          type: 'application/xhtml+xml',
        }),
      ),
    );
    request.responseType = 'document';
    await new Promise((resolve) => {
      request.onloadend = resolve;
      request.send();
    });
    shown(document.importNode(request.response.querySelector('iframe'), true));
  },
  frameJavascript: (r) => {
    const f = frame();
    f.src = `javascript:${JSON.stringify(inner(r))}`;
    shown(f);
  },
  frameJavascriptLater: (r) => {
    const f = frame();
    shown(f);
    f.src = `javascript:${JSON.stringify(inner(r))}`;
  },
  frameData: (r) => {
    const f = frame();
    f.src = `data:text/html,${encodeURIComponent(inner(r))}`;
    shown(f);
  },
  frameBlob: (r) => {
    const f = frame();
    f.src = URL.createObjectURL(new Blob([inner(r)], { type: 'text/html' }));
    shown(f);
  },
  frameBlank: (r) => {
    const f = frame();
    f.src = 'about:blank';
    shown(f);
    f.contentWindow.eval?.(`top.postMessage({ realm: '${r}' }, '*')`);
  },
  frameBlankWrite: (r) => {
    const f = frame();
    shown(f);
    f.contentDocument.write(inner(r));
  },
  frameBlankConstructor: () => {
    const f = frame();
    shown(f);
    new f.contentWindow.RTCPeerConnection({ iceServers: [{ urls: T.stun }] }).createDataChannel(
      'x',
    );
  },
  frameBlankLocation: (r) => {
    const f = frame();
    shown(f);
    f.contentWindow.location = `javascript:${JSON.stringify(inner(r))}`;
  },
  namedFrame: (r) => {
    const f = frame();
    f.name = 'named';
    shown(f);
    const a = document.createElement('a');
    a.target = 'named';
    a.href = `javascript:${JSON.stringify(inner(r))}`;
    shown(a);
    HTMLElement.prototype.click.call(a);
  },
  object: (r) => {
    const o = document.createElement('object');
    o.type = 'text/html';
    o.data = `data:text/html,${encodeURIComponent(inner(r))}`;
    shown(o);
  },
  objectBlob: (r) => {
    const o = document.createElement('object');
    o.type = 'text/html';
    o.data = URL.createObjectURL(new Blob([inner(r)], { type: 'text/html' }));
    shown(o);
  },
  embed: (r) => {
    const o = document.createElement('embed');
    o.type = 'text/html';
    o.src = URL.createObjectURL(new Blob([inner(r)], { type: 'text/html' }));
    shown(o);
  },
  windowOpen: (r) => open('about:blank')?.document.write(inner(r)),
  nativeOpen: (r) => Object.getPrototypeOf(window).open?.('about:blank')?.document.write(inner(r)),
  svgUse: (r) => {
    const d = document.createElement('div');
    d.innerHTML = `<svg><use href="data:image/svg+xml,${encodeURIComponent(`<svg xmlns='http://www.w3.org/2000/svg' id='a'><foreignObject><iframe ${XHTML} srcdoc='${escaped(inner(r))}'/></foreignObject></svg>`)}#a"/></svg>`;
    shown(d);
  },
  xslt: (r) => {
    const p = new XSLTProcessor();
    p.importStylesheet(
      new DOMParser().parseFromString(
        `<x:stylesheet version="1.0" xmlns:x="http://www.w3.org/1999/XSL/Transform"><x:template match="/"><iframe ${XHTML}><x:attribute name="{concat('src','doc')}">${escaped(escaped(inner(r)))}</x:attribute></iframe></x:template></x:stylesheet>`,
        'text/xml',
      ),
    );
    shown(p.transformToFragment(document, document));
  },
  policyAnew: (r) => {
    const p = trustedTypes.createPolicy('mine', { createHTML: (s) => s });
    const f = frame();
    f.srcdoc = p.createHTML(inner(r));
    shown(f);
  },
  policyNative: (r) => {
    const p = Object.getPrototypeOf(trustedTypes).createPolicy.call(trustedTypes, 'default', {
      createHTML: (s) => s,
    });
    const f = frame();
    f.srcdoc = p.createHTML(inner(r));
    shown(f);
  },
  policyOfFactory: (r) => {
    const f = frame();
    f.srcdoc = TrustedTypePolicyFactory.prototype.createPolicy
      .call(trustedTypes, 'mine', { createHTML: (s) => s })
      .createHTML(inner(r));
    shown(f);
  },
  everyMethod: (r) => {
    for (const owner of [Element, ShadowRoot, Document, DocumentFragment, Range, HTMLElement]) {
      for (const [where, self] of [
        [owner, owner],
        [owner.prototype, undefined],
      ]) {
        for (const name of Object.getOwnPropertyNames(where).filter((it) => /html/i.test(it))) {
          const box = document.createElement('div');
          shown(box);
          const target = self ?? (owner === ShadowRoot ? box.attachShadow({ mode: 'open' }) : box);
          try {
            if (typeof target[name] === 'function') target[name](markup(`${r} ${name}`));
            else target[name] = markup(`${r} ${name}`);
          } catch {
            // The next one.
          }
        }
      }
    }
  },
  streams: async (r) => {
    for (const name of Object.getOwnPropertyNames(Element.prototype)) {
      if (!/^stream/i.test(name)) continue;
      const box = document.createElement('div');
      shown(box);
      const writer = box[name]().getWriter();
      await writer.write('<iframe src');
      await writer.write(`doc="${escaped(inner(`${r} ${name}`))}"></iframe>`);
      await writer.close();
    }
  },
};
