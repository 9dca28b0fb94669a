// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { ConfigError, checkConfig, describeKeys, readConfig, readMnemonic } from '../src/config.js';

const document = (changes: Record<string, Record<string, unknown>> = {}) => ({
  chain: {
    rpc: 'http://127.0.0.1:26657',
    contract: 'wasm1contract',
    gas_price: '0.025ustake',
    ...changes['chain'],
  },
  account: { id: 5, ...changes['account'] },
  ...(changes['scan'] === undefined ? {} : { scan: changes['scan'] }),
  ...(changes['log'] === undefined ? {} : { log: changes['log'] }),
  ...(changes['liquidation'] === undefined ? {} : { liquidation: changes['liquidation'] }),
});

const refused = (changes: Record<string, Record<string, unknown>>, text: RegExp): void => {
  assert.throws(
    () => checkConfig(document(changes)),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, text);
      return true;
    },
  );
};

test('what is not given is the default', () => {
  const config = checkConfig(document());
  assert.equal(config['account.id'], '5');
  assert.equal(config['scan.poll_ms'], 2000);
  assert.equal(config['liquidation.take_over'], true);
  assert.equal(config['chain.prefix'], 'wasm');
});

test('an error names its key', () => {
  refused({ chain: { rpc: undefined } }, /^chain\.rpc: must be text|^chain\.rpc: is missing/);
  refused({ chain: { rpcc: 'x' } }, /^chain\.rpcc: no such key/);
  refused({ chain: { gas_price: '0.025' } }, /^chain\.gas_price: must be a price and a denom/);
  refused({ account: { id: 0 } }, /^account\.id: must be an account id/);
  refused({ account: { id: '-1' } }, /^account\.id: must be an account id/);
  refused({ scan: { poll_ms: 1 } }, /^scan\.poll_ms: must be an integer from 50 to 600000/);
  refused({ log: { level: 'loud' } }, /^log\.level: must be one of debug, info, warn, error/);
  refused({ liquidation: { min_profit: 0.5 } }, /^liquidation\.min_profit: must be a decimal/);
  refused({ liquidation: { min_profit: 'x' } }, /^liquidation\.min_profit: not a decimal/);
  refused({ liquidation: { duties: 1 } }, /^liquidation\.duties: must be true or false/);
  for (const gas_adjustment of ['0.9', '-1', '5.1', '1_4.0', '1e1']) {
    refused({ chain: { gas_adjustment } }, /^chain\.gas_adjustment: /);
  }
  refused({ chain: { rpc: 'ftp://x' } }, /^chain\.rpc: must be an address/);
  refused({ chain: { rpc: 'node.example.com' } }, /^chain\.rpc: must be an address/);
  refused({ account: { id: '18446744073709551616' } }, /^account\.id: must be an account id/);
  refused({ liquidation: { gas_coin_price: '-5' } }, /^liquidation\.gas_coin_price: must be/);
  refused({ liquidation: { slippage: '1.5' } }, /^liquidation\.slippage: must be/);
  assert.throws(() => checkConfig([]), ConfigError);
  assert.throws(() => checkConfig({ chain: 1 }), /^ConfigError: chain: must be a table/);
});

test('files are TOML or JSON', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-keeper-'));
  try {
    const toml = join(folder, 'keeper.toml');
    writeFileSync(
      toml,
      '[chain]\nrpc = "http://x"\ncontract = "c"\ngas_price = "1u"\n[account]\nid = 7\n',
    );
    assert.equal(readConfig(toml)['account.id'], '7');
    const json = join(folder, 'keeper.json');
    writeFileSync(json, JSON.stringify(document()));
    assert.equal(readConfig(json)['account.id'], '5');
    writeFileSync(toml, '[chain\n');
    assert.throws(() => readConfig(toml), ConfigError);
    writeFileSync(json, '{');
    assert.throws(() => readConfig(json), ConfigError);
    assert.throws(() => readConfig(join(folder, 'none.toml')), ConfigError);
    const words = join(folder, 'words');
    writeFileSync(words, 'from file\n');
    const config = checkConfig(document({ account: { mnemonic_file: words } }));
    assert.equal(readMnemonic(config, {}), 'from file');
    assert.equal(readMnemonic(config, { PLIMSOLL_KEEPER_MNEMONIC: ' from env ' }), 'from env');
    assert.throws(() => readMnemonic(checkConfig(document()), {}), /PLIMSOLL_KEEPER_MNEMONIC/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('help describes every key', () => {
  for (const name of Object.keys(checkConfig(document()))) {
    assert.match(describeKeys(), new RegExp(`^  ${name.replace('.', '\\.')} `, 'm'));
  }
});
