// SPDX-License-Identifier: Apache-2.0
// The contract's raw state on the chain, and whether every token balance adds up.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

import { encoding, plimsoll, stargate, tendermint, wasmQuery } from './packages.mjs';

/** Keys of other standards, which are not the engine's. */
const FOREIGN_KEYS = new Set([encoding.toHex(encoding.toUtf8('contract_info'))]);
const WAD_DECIMALS = 18;

/** All keys of the engine, ascending: pairs of hexadecimal key and value. */
export async function readState(rpc, contract) {
    const comet = await tendermint.connectComet(rpc);
    try {
        const client = stargate.createProtobufRpcClient(new stargate.QueryClient(comet));
        const service = new wasmQuery.QueryClientImpl(client);
        const pairs = [];
        let key = new Uint8Array();
        do {
            const { models, pagination } = await service.AllContractState({
                address: contract,
                pagination: { key, offset: 0n, limit: 100n, countTotal: false, reverse: false },
            });
            pairs.push(...models.map((m) => [encoding.toHex(m.key), encoding.toHex(m.value)]));
            key = pagination?.nextKey ?? new Uint8Array();
        } while (key.length > 0);
        return pairs
            .filter(([name]) => !FOREIGN_KEYS.has(name))
            .sort(([a], [b]) => (a < b ? -1 : 1));
    } finally {
        comet.disconnect();
    }
}

/** SHA-256 over all keys: u32le length, key, u32le length, value. */
export function digestOf(pairs) {
    const hash = createHash('sha256');
    const add = (hex) => {
        const bytes = Buffer.from(hex, 'hex');
        const length = Buffer.alloc(4);
        length.writeUInt32LE(bytes.length);
        hash.update(length).update(bytes);
    };
    for (const [key, value] of pairs) {
        add(key);
        add(value);
    }
    return hash.digest('hex');
}

/** What the contract says that it holds of each asset, in atoms. */
async function owed(client) {
    const { config, ledger } = await client.getConfiguration();
    const result = [];
    for (let id = 0; id < config.asset_count; id += 1) {
        const { asset, state } = await client.getAsset({ asset: id });
        let atoms = BigInt(state.surplus);
        if (id === 0) {
            const unit = 10n ** BigInt(WAD_DECIMALS - asset.decimals);
            assert.equal(BigInt(ledger.vault) % unit, 0n, 'the vault is not whole atoms');
            atoms += BigInt(ledger.vault) / unit;
        } else {
            atoms += BigInt(state.total);
        }
        result.push({ id, token: asset.token, atoms });
    }
    return result;
}

/** The vault is the sum of all cash: of accounts, pools and lines. [LEDGER-3] */
async function checkVault(client) {
    const { config, ledger } = await client.getConfiguration();
    let sum = BigInt(ledger.global) + BigInt(ledger.dust);
    for (let market = 0; market < config.market_count; market += 1) {
        const { state } = await client.getMarket({ market });
        sum += BigInt(state.pool) + BigInt(state.fees) + BigInt(state.insurance);
    }
    const totals = new Map();
    for (let id = 1n; id < BigInt(config.next_account); id += 1n) {
        const reply = await client.getAccount({ account: `${id}` }).catch((error) => {
            assert.equal(error.symbol, 'E_NO_ACCOUNT', error.message);
        });
        if (reply === undefined) {
            continue;
        }
        sum += BigInt(reply.account.cash);
        for (const { asset, atoms } of reply.account.collaterals) {
            totals.set(asset, (totals.get(asset) ?? 0n) + BigInt(atoms));
        }
    }
    assert.equal(sum, BigInt(ledger.vault), 'cash of all places is not the vault');
    for (let asset = 1; asset < config.asset_count; asset += 1) {
        const { state } = await client.getAsset({ asset });
        assert.equal(totals.get(asset) ?? 0n, BigInt(state.total), `collateral of asset ${asset}`);
    }
}

/**
 * Every balance that the chain keeps for the contract is what the contract says. `dishonest` are
 * tokens whose own word about balances is worth nothing.
 */
export async function checkBalances(chain, contract, dishonest) {
    const reader = plimsoll.explainedReader(chain);
    const client = new plimsoll.PlimsollQueryClient(reader, contract);
    const shown = [];
    for (const { token, atoms } of await owed(client)) {
        if (token.native !== undefined) {
            const { amount } = await chain.getBalance(contract, token.native);
            assert.equal(BigInt(amount), atoms, `bank balance of ${token.native}`);
            shown.push(`${token.native} ${atoms}`);
        } else if (!dishonest.includes(token.cw20)) {
            const query = { balance: { address: contract } };
            const { balance } = await chain.queryContractSmart(token.cw20, query);
            assert.equal(BigInt(balance), atoms, `balance at ${token.cw20}`);
            shown.push(`cw20 ${atoms}`);
        }
    }
    await checkVault(client);
    return shown.join(', ');
}
