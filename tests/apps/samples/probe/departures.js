/** Each of these ends the document; one is tried in each run of the app. */
const string = (r) => `javascript:${JSON.stringify(inner(r))}`;
const commented = (r) => `javascript:${JSON.stringify(inner(r))}//\n`;
globalThis.departures = {
  href: (r) => {
    location.href = string(r);
  },
  assign: (r) => location.assign(string(r)),
  replace: (r) => location.replace(string(r)),
  whole: (r) => {
    // eslint-disable-next-line no-global-assign -- one of the ways
    location = string(r);
  },
  commented: (r) => {
    location.href = commented(r);
  },
  anchor: (r) => {
    const a = document.createElement('a');
    a.href = string(r);
    shown(a);
    a.addEventListener('click', (event) => event.stopImmediatePropagation());
    a.click();
  },
  area: (r) => {
    const m = document.createElement('map');
    m.innerHTML = `<area href="${escaped(string(r))}">`;
    shown(m);
    m.firstChild.click();
  },
  formAction: (r) => {
    const f = document.createElement('form');
    f.action = string(r);
    shown(f);
    f.requestSubmit();
  },
  navigation: (r) => navigation.navigate(string(r)),
  metaRefresh: (r) => {
    const m = document.createElement('meta');
    m.httpEquiv = 'refresh';
    m.content = `0;url=${string(r)}`;
    document.head.append(m);
  },
  http: () => {
    location.href = `${T.http}/self`;
  },
  httpReplace: () => location.replace(`${T.http}/self-replace`),
  httpMeta: () => {
    const m = document.createElement('meta');
    m.httpEquiv = 'refresh';
    m.content = `0;url=${T.http}/self-meta`;
    document.head.append(m);
  },
  httpAnchor: () => {
    const a = document.createElement('a');
    a.href = `${T.http}/self-anchor`;
    shown(a);
    a.addEventListener('click', (event) => event.stopImmediatePropagation());
    a.click();
  },
  httpTop: () => {
    top.location.href = `${T.http}/top`;
  },
  blob: (r) => {
    location.href = URL.createObjectURL(new Blob([inner(r)], { type: 'text/html' }));
  },
  data: (r) => {
    location.href = `data:text/html,${encodeURIComponent(inner(r))}`;
  },
  shell: () => {
    location.href = '/';
  },
};
