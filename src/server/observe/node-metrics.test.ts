import { expect, onTestFinished, test } from 'vitest';
import { createMemoryStores, type BlockStore } from '#lib/stores/index.ts';
import { createNodeMetrics } from './node-metrics.ts';

function open() {
  const metrics = createNodeMetrics('1.2.3');
  onTestFinished(() => metrics.close());
  return metrics;
}

test('a duration is counted in every bucket whose bound it does not exceed', async () => {
  const metrics = open();
  for (const seconds of [0.002, 0.1, 61]) {
    const request = { endpoint: 'block/get', status: 200, receivedBytes: 5, sentBytes: 7 };
    metrics.answered({ ...request, seconds });
  }
  const lines = (await metrics.text()).split('\n');
  expect(lines.filter((line) => line.startsWith('pyrgos_request_seconds_'))).toEqual([
    'pyrgos_request_seconds_bucket{le="0.001",endpoint="block/get"} 0',
    'pyrgos_request_seconds_bucket{le="0.005",endpoint="block/get"} 1',
    'pyrgos_request_seconds_bucket{le="0.025",endpoint="block/get"} 1',
    'pyrgos_request_seconds_bucket{le="0.1",endpoint="block/get"} 2',
    'pyrgos_request_seconds_bucket{le="0.5",endpoint="block/get"} 2',
    'pyrgos_request_seconds_bucket{le="2.5",endpoint="block/get"} 2',
    'pyrgos_request_seconds_bucket{le="10",endpoint="block/get"} 2',
    'pyrgos_request_seconds_bucket{le="60",endpoint="block/get"} 2',
    'pyrgos_request_seconds_bucket{le="+Inf",endpoint="block/get"} 3',
    'pyrgos_request_seconds_sum{endpoint="block/get"} 61.102',
    'pyrgos_request_seconds_count{endpoint="block/get"} 3',
  ]);
  expect(lines).toContain('pyrgos_requests_total{endpoint="block/get",status="200"} 3');
  expect(lines).toContain('pyrgos_received_bytes_total{endpoint="block/get"} 15');
  expect(lines).toContain('pyrgos_sent_bytes_total{endpoint="block/get"} 21');
  expect(lines).toContain('pyrgos_build_info{version="1.2.3"} 1');
});

test('a call of a store is counted by how it ended', async () => {
  const metrics = open();
  const blocks = metrics.observe('blocks', createMemoryStores().blocks);
  await blocks.get('a');
  const failing = metrics.observe<BlockStore>('blocks', {
    ...createMemoryStores().blocks,
    get: () => Promise.reject(new Error('The disk is gone.')),
  });
  await expect(failing.get('a')).rejects.toThrow('The disk is gone.');
  const text = await metrics.text();
  expect(text).toMatch(/^pyrgos_store_calls_total\{store="blocks",call="get",outcome="ok"\} 1$/mu);
  expect(text).toMatch(
    /^pyrgos_store_calls_total\{store="blocks",call="get",outcome="failed"\} 1$/mu,
  );
});

test('a gauge is read at each question, and processor time never goes back', async () => {
  const metrics = open();
  let connections = 3;
  metrics.gauge('pyrgos_connections', 'Open connections.', () => connections);
  const cpu = async () =>
    Number(/^process_cpu_seconds_total (\S+)$/mu.exec(await metrics.text())?.[1]);
  expect(await metrics.text()).toMatch(/^pyrgos_connections 3$/mu);
  connections = 4;
  expect(await metrics.text()).toMatch(/^pyrgos_connections 4$/mu);
  const [first, second] = [await cpu(), await cpu()];
  expect(first).toBeGreaterThan(0);
  expect(second).toBeGreaterThanOrEqual(first);
});
