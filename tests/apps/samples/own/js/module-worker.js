import { twice } from './tools.js';
self.onmessage = async ({ data }) => {
  const lazy = (await import('./lazy.js')).default;
  postMessage({ data: twice(data), lazy, meta: import.meta.url.endsWith('/js/module-worker.js') });
};
