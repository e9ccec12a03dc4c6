importScripts('worker-part.js');
self.onmessage = async ({ data }) => {
  const { answer } = await (await fetch('data.json')).json();
  const xhr = await new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('GET', 'data.json');
    request.responseType = 'json';
    request.onload = () => resolve(request.response.answer);
    request.onerror = () => reject(new Error('no'));
    request.send();
  });
  const blobUrl = URL.createObjectURL(new Blob(['of the worker']));
  const text = await (await fetch(blobUrl)).text();
  postMessage({
    data,
    part,
    answer,
    xhr,
    text,
    at: location.href.endsWith('/js/classic-worker.js'),
  });
};
