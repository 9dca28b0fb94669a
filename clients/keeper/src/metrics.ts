// SPDX-License-Identifier: Apache-2.0
// Prometheus metrics on the loopback interface. A gauge is a floating point number: good for a
// dashboard, never used to decide anything.
import { createServer, type Server } from 'node:http';
import { Counter, Gauge, Registry } from 'prom-client';

/** What the keeper counts. */
export class Metrics {
  readonly registry = new Registry();
  readonly height = this.gauge('height', 'height of the last block looked at');
  readonly blockAge = this.gauge('block_age_seconds', 'age of the last block looked at');
  readonly scans = this.counter('scans_total', 'passes over all accounts');
  readonly scanSeconds = this.gauge('scan_seconds', 'how long the last pass took');
  readonly accounts = this.gauge('accounts', 'accounts by margin level in the last pass', 'level');
  readonly unreadable = this.counter('unreadable_total', 'accounts that could not be read');
  readonly operations = this.counter('operations_total', 'operations delivered', 'operation');
  readonly refusals = this.counter('refusals_total', 'operations refused, by code', 'code');
  readonly transactions = this.counter('transactions_total', 'transactions', 'outcome');
  readonly gas = this.counter('gas_used_total', 'gas used by delivered transactions');
  readonly gained = this.counter('gained_quote_total', 'fees, tips and discounts, quote units');
  readonly failures = this.counter('failures_total', 'rounds that failed: node gone, time out');
  readonly lots = this.gauge('position_lots', "lots of the keeper's account", 'market');
  readonly cash = this.gauge('cash_quote', "cash of the keeper's account, quote units");
  readonly free = this.gauge('free_margin_quote', 'initial equity beyond the requirement');
  private server: Server | undefined;

  private gauge(name: string, help: string, ...labelNames: string[]): Gauge {
    return new Gauge({
      name: `plimsoll_keeper_${name}`,
      help,
      labelNames,
      registers: [this.registry],
    });
  }

  private counter(name: string, help: string, ...labelNames: string[]): Counter {
    return new Counter({
      name: `plimsoll_keeper_${name}`,
      help,
      labelNames,
      registers: [this.registry],
    });
  }

  /** Serves /metrics on 127.0.0.1. */
  async listen(port: number): Promise<void> {
    const server = createServer((request, response) => {
      if (request.method !== 'GET' || request.url !== '/metrics') {
        response.writeHead(404).end();
        return;
      }
      void this.registry.metrics().then((text) => {
        response.writeHead(200, { 'content-type': this.registry.contentType }).end(text);
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    this.server = server;
  }

  /** Stops serving. */
  async close(): Promise<void> {
    const server = this.server;
    if (server === undefined) {
      return;
    }
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    this.server = undefined;
  }
}
