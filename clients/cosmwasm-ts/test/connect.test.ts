// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';

import { connectReader } from '../src/connect.js';

test('a node that is silent is given up', async () => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const rpc = `http://127.0.0.1:${port}`;
    await assert.rejects(connectReader({ rpc, contract: 'c', timeoutMs: 50 }), {
      name: 'TimeoutError',
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
