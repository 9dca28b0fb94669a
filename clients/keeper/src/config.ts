// SPDX-License-Identifier: Apache-2.0
// The configuration file, TOML or JSON. One table says what every key is; reading, checking, the
// text of --help and the example all come from it.
import { DecimalError, parseDecimal } from '@plimsoll/cosmwasm';
import { readFileSync } from 'node:fs';
import { parse as parseToml, TomlError } from 'smol-toml';

/** The file cannot be used; the message names the key. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

type Kind = 'text' | 'id' | 'decimal' | 'integer' | 'boolean' | 'level' | 'format';

interface Key {
  readonly kind: Kind;
  /** Undefined: must be given. */
  readonly value?: string | number | boolean;
  readonly text: string;
  readonly least?: number;
  readonly most?: number;
  /** Of a decimal number: most digits behind the point, 18 unless told. */
  readonly decimals?: number;
}

const KEYS = {
  'chain.rpc': { kind: 'text', text: 'RPC endpoint of a node, http:// or https://' },
  'chain.contract': { kind: 'text', text: 'address of the contract' },
  'chain.prefix': { kind: 'text', value: 'wasm', text: "prefix of the chain's addresses" },
  'chain.gas_price': { kind: 'text', text: 'price of gas with its denomination, "0.025ustake"' },
  'chain.gas_adjustment': {
    kind: 'decimal',
    value: '1.5',
    least: 1,
    most: 5,
    text: 'how much more gas than a simulation used is paid for',
  },
  'chain.timeout_ms': {
    kind: 'integer',
    value: 10000,
    least: 100,
    most: 600000,
    text: 'a request to the node that takes longer has failed, milliseconds',
  },
  'account.id': { kind: 'id', text: "id of the keeper's margin account, the taker" },
  'account.mnemonic_env': {
    kind: 'text',
    value: 'PLIMSOLL_KEEPER_MNEMONIC',
    text: 'environment variable that holds the mnemonic',
  },
  'account.mnemonic_file': {
    kind: 'text',
    value: '',
    text: 'file that holds the mnemonic; used when the variable is not set',
  },
  'scan.poll_ms': {
    kind: 'integer',
    value: 2000,
    least: 50,
    most: 600000,
    text: 'wait between looks at the chain, milliseconds',
  },
  'scan.full_seconds': {
    kind: 'integer',
    value: 30,
    least: 1,
    most: 86400,
    text: 'all accounts are looked at this often even when no price moved',
  },
  'scan.concurrency': {
    kind: 'integer',
    value: 8,
    least: 1,
    most: 64,
    text: 'queries under way at a time',
  },
  'liquidation.min_profit': {
    kind: 'decimal',
    value: '0',
    text: 'least gain of a takeover or sale beyond its gas, quote units; may be negative',
  },
  'liquidation.slippage': {
    kind: 'decimal',
    value: '0.005',
    decimals: 6,
    least: 0,
    most: 1,
    text: 'how much worse than previewed the price of a takeover or sale may be, 0.01 = 1 %',
  },
  'liquidation.min_collect': {
    kind: 'decimal',
    value: '1',
    least: 0,
    text: 'least payment for a winner who waits, beyond its gas, quote units',
  },
  'liquidation.gas_coin_price': {
    kind: 'decimal',
    value: '0',
    least: 0,
    text: 'quote units that one unit of the gas denomination costs',
  },
  'liquidation.gas_estimate': {
    kind: 'integer',
    value: 400000,
    least: 1,
    most: 100000000,
    text: 'gas of one operation until the keeper has seen what it uses',
  },
  'liquidation.max_messages': {
    kind: 'integer',
    value: 8,
    least: 1,
    most: 50,
    text: 'operations in one transaction',
  },
  'liquidation.take_over': { kind: 'boolean', value: true, text: 'take over lots' },
  'liquidation.buy_collateral': { kind: 'boolean', value: true, text: 'buy collateral' },
  'liquidation.duties': {
    kind: 'boolean',
    value: true,
    text: 'also do what pays nothing: flag, resolve, settle, close by force without a tip',
  },
  'log.level': { kind: 'level', value: 'info', text: 'debug, info, warn or error' },
  'log.format': { kind: 'format', value: 'text', text: 'text or json, one object a line' },
  'metrics.port': {
    kind: 'integer',
    value: 0,
    least: 0,
    most: 65535,
    text: 'Prometheus metrics on 127.0.0.1, path /metrics; 0 = off',
  },
} as const satisfies Record<string, Key>;

type KeyName = keyof typeof KEYS;
type ValueOf<K extends Kind> = K extends 'integer'
  ? number
  : K extends 'boolean'
    ? boolean
    : string;

/** The values of all keys, by their full names. */
export type Config = { readonly [N in KeyName]: ValueOf<(typeof KEYS)[N]['kind']> };

const ID_MOST = (1n << 64n) - 1n;
const LEVELS = ['debug', 'info', 'warn', 'error'];
const FORMATS = ['text', 'json'];

function checkChoice(name: string, value: unknown, choices: readonly string[]): string {
  if (typeof value !== 'string' || !choices.includes(value)) {
    throw new ConfigError(`${name}: must be one of ${choices.join(', ')}`);
  }
  return value;
}

function checkDecimal(name: string, key: Key, value: unknown): string {
  if (typeof value !== 'string' || value.includes('_')) {
    throw new ConfigError(`${name}: must be a decimal number in quotes, such as "0.5"`);
  }
  try {
    parseDecimal(value, key.decimals ?? 18);
    const { least = -Infinity, most = Infinity } = key;
    if (Number(value) < least || Number(value) > most) {
      throw new DecimalError(`must be a number from ${least} to ${most}`);
    }
  } catch (error) {
    if (error instanceof DecimalError) {
      throw new ConfigError(`${name}: ${error.message}`);
    }
    throw error;
  }
  return value;
}

function checkInteger(name: string, key: Key, value: unknown): number {
  const least = key.least ?? 0;
  const most = key.most ?? Number.MAX_SAFE_INTEGER;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw new ConfigError(`${name}: must be an integer from ${least} to ${most}`);
  }
  return value;
}

function checkText(name: string, key: Key, value: unknown): string {
  if (typeof value !== 'string') {
    throw new ConfigError(`${name}: must be text in quotes`);
  }
  if (value === '' && key.value !== '') {
    throw new ConfigError(`${name}: must not be empty`);
  }
  return value;
}

function checkId(name: string, value: unknown): string {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== 'string' || !/^[1-9]\d{0,19}$/.test(text) || BigInt(text) > ID_MOST) {
    throw new ConfigError(`${name}: must be an account id, an integer from 1 to ${ID_MOST}`);
  }
  return text;
}

function checkValue(name: string, key: Key, value: unknown): string | number | boolean {
  switch (key.kind) {
    case 'integer':
      return checkInteger(name, key, value);
    case 'boolean':
      if (typeof value !== 'boolean') {
        throw new ConfigError(`${name}: must be true or false`);
      }
      return value;
    case 'decimal':
      return checkDecimal(name, key, value);
    case 'id':
      return checkId(name, value);
    case 'level':
      return checkChoice(name, value, LEVELS);
    case 'format':
      return checkChoice(name, value, FORMATS);
    case 'text':
      return checkText(name, key, value);
  }
}

/** `{chain: {rpc: 1}}` to `{"chain.rpc": 1}`. */
function flatten(document: unknown): Map<string, unknown> {
  const values = new Map<string, unknown>();
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new ConfigError('the file must hold tables: [chain], [account], ...');
  }
  for (const [section, members] of Object.entries(document)) {
    if (typeof members !== 'object' || members === null || Array.isArray(members)) {
      throw new ConfigError(`${section}: must be a table, [${section}]`);
    }
    for (const [name, value] of Object.entries(members)) {
      values.set(`${section}.${name}`, value);
    }
  }
  return values;
}

/** Checks a parsed document. Throws ConfigError. */
export function checkConfig(document: unknown): Config {
  const given = flatten(document);
  for (const name of given.keys()) {
    if (!Object.hasOwn(KEYS, name)) {
      throw new ConfigError(`${name}: no such key; --help lists them`);
    }
  }
  const config: Record<string, string | number | boolean> = {};
  for (const [name, key] of Object.entries<Key>(KEYS)) {
    const value = given.has(name) ? given.get(name) : key.value;
    if (value === undefined) {
      throw new ConfigError(`${name}: is missing (${key.text})`);
    }
    config[name] = checkValue(name, key, value);
  }
  if (!/^\d+(\.\d+)?[a-zA-Z][\w/:.-]*$/.test(String(config['chain.gas_price']))) {
    throw new ConfigError('chain.gas_price: must be a price and a denomination, "0.025ustake"');
  }
  if (!URL.canParse(String(config['chain.rpc'])) || !/^https?:/.test(String(config['chain.rpc']))) {
    throw new ConfigError('chain.rpc: must be an address that begins with http:// or https://');
  }
  return config as unknown as Config;
}

/** Reads and checks a file; JSON where its name ends so, else TOML. Throws ConfigError. */
export function readConfig(path: string): Config {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`cannot read ${path}: ${error instanceof Error ? error.message : error}`);
  }
  let document: unknown;
  try {
    document = path.endsWith('.json') ? JSON.parse(text) : parseToml(text);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TomlError) {
      throw new ConfigError(`${path}: ${error.message}`);
    }
    throw error;
  }
  try {
    return checkConfig(document);
  } catch (error) {
    throw error instanceof ConfigError ? new ConfigError(`${path}: ${error.message}`) : error;
  }
}

/** The keys as text for --help. */
export function describeKeys(): string {
  return Object.entries<Key>(KEYS)
    .map(([name, key]) => {
      const value = key.value === undefined ? 'required' : `default ${JSON.stringify(key.value)}`;
      return `  ${name.padEnd(28)}${key.text}; ${value}`;
    })
    .join('\n');
}

/** The mnemonic from the environment or the file that the configuration names. */
export function readMnemonic(config: Config, environment: NodeJS.ProcessEnv): string {
  const variable = config['account.mnemonic_env'];
  const path = config['account.mnemonic_file'];
  const fromVariable = environment[variable]?.trim();
  if (fromVariable !== undefined && fromVariable !== '') {
    return fromVariable;
  }
  if (path === '') {
    throw new ConfigError(
      `no mnemonic: set the environment variable ${variable} or account.mnemonic_file`,
    );
  }
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`account.mnemonic_file: cannot read it: ${why}`);
  }
}
