import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { settlePort } from '../../src/embedded/port.ts';

test('a free port is taken as it is, and stays free until somebody listens on it', async () => {
  const port = await settlePort(0, 'SEATLOG_X');
  expect(await settlePort(port, 'SEATLOG_X')).toBe(port);
});

test('a port in use is refused with its number and the setting that changes it', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await expect(settlePort(port, 'SEATLOG_X')).rejects.toThrow(
    new RegExp(`^Port ${port} is in use by another program: .*SEATLOG_X`),
  );
  server.close();
});

test('an address that this machine does not have is refused with the setting', async () => {
  await expect(settlePort(8_080, 'SEATLOG_X', '192.0.2.1')).rejects.toThrow(/192\.0\.2\.1:8080 .*SEATLOG_X/);
});
