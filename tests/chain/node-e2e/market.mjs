// SPDX-License-Identifier: Apache-2.0
// The exchange of the test: contract, tokens, feeds, a market, people with accounts and money.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

import { Actor } from './actors.mjs';
import { encoding, plimsoll } from './packages.mjs';

export const SIZE_DECIMALS = 8;
export const PRICE_DECIMALS = 10;
export const USDC = 'uusdc';
const CW20_EACH = 1_000_000_000_000n;
/** Longest bech32 text; the library's own bound is none, which its base refuses. */
const BECH32_MOST = 90;

/** Feeds that follow a test's clock: prices may jump by 30 % at once and stay good for an hour. */
const FEED = {
    age: 3600,
    skew: 60,
    band: 300000,
    band_max: 300000,
    window: 1,
    window_band: 1000000,
    gap: 86400,
    grace: 1,
    slow_tau: 1,
    slow_rate: '1000000000',
};

export const lots = (size) => plimsoll.toLots(size, SIZE_DECIMALS);
export const ticks = (price) => plimsoll.toTicks(price, PRICE_DECIMALS);
export const sha256 = (hex) => createHash('sha256').update(Buffer.from(hex, 'hex')).digest('hex');
export const bytesOf = (address) => encoding.toHex(encoding.fromBech32(address, BECH32_MOST).data);

export class Exchange {
    constructor(network, report, files) {
        Object.assign(this, { network, report, files });
        this.actors = Object.fromEntries(
            network.accounts.map((account) => [account.name, new Actor(network, report, account)]),
        );
        this.voters = network.validators.map((node) => new Actor(network, report, node));
        this.ids = {};
        this.fill = 0;
        this.published = new Map();
    }

    /** Executes an operation of the contract and keeps the gas. */
    async run(name, msg, funds = []) {
        const result = await this.actors[name].execute(this.contract, msg, funds);
        this.report.used(Object.keys(msg)[0], result.gasUsed);
        return result;
    }

    /** The same, with the events of the engine. */
    async events(name, msg, funds = []) {
        const { events } = await this.run(name, msg, funds);
        return plimsoll.parseEvents(events, this.contract);
    }

    get client() {
        return this.reader.plimsoll;
    }

    async upload() {
        const { report, files } = this;
        const { admin } = this.actors;
        this.codes = {};
        for (const name of ['contract', 'next', 'cw20', 'hostile']) {
            await report.step(`upload ${name}`, async () => {
                const { codeId, gas } = await admin.upload(files[name]);
                this.codes[name] = codeId;
                report.used(`upload ${name}`, gas);
                return `code ${codeId}, ${gas} gas`;
            });
        }
    }

    async createTokens() {
        const { admin, alice, bob, carol } = this.actors;
        await this.report.step('instantiate a CW20 token of cw20-base', async () => {
            const amount = `${CW20_EACH}`;
            const initial = [alice, bob, carol].map(({ address }) => ({ address, amount }));
            const msg = {
                name: 'Wrapped ether',
                symbol: 'WETH',
                decimals: 6,
                initial_balances: initial,
                mint: null,
                marketing: null,
            };
            this.cw20 = (await admin.instantiate(this.codes.cw20, msg, 'weth')).address;
        });
        await this.report.step('instantiate a token that attacks', async () => {
            this.hostile = (await admin.instantiate(this.codes.hostile, {}, 'hostile')).address;
        });
    }

    async instantiate() {
        const { admin } = this.actors;
        await this.report.step('instantiate the contract', async () => {
            const msg = { token: { native: USDC }, decimals: 6, admin: admin.address };
            const { address, gas } = await admin.instantiate(
                this.codes.contract,
                msg,
                'plimsoll',
                admin.address,
            );
            this.contract = address;
            this.report.used('instantiate', gas);
            this.reader = await plimsoll.connectReader({
                rpc: this.network.rpc,
                contract: address,
            });
            return address;
        });
    }

    /** A contract of the same code beside it, and a reader of it. */
    async instantiateAnother() {
        const { admin } = this.actors;
        const msg = { token: { native: USDC }, decimals: 6, admin: admin.address };
        const { contract } = this.codes;
        const { address } = await admin.instantiate(contract, msg, 'young', admin.address);
        const reader = await plimsoll.connectReader({ rpc: this.network.rpc, contract: address });
        return { address, reader };
    }

    async list() {
        const { report } = this;
        const { oracle, grace, heidi } = this.actors;
        for (const [feed, what] of ['ETH', 'WETH', 'other collateral'].entries()) {
            await report.step(`list feed ${feed}, ${what}, and its publisher`, async () => {
                const params = plimsoll.feedParams(FEED);
                await this.run('admin', { add_feed: { price_decimals: PRICE_DECIMALS, params } });
                const publisher = { feed, publisher: oracle.address, on: 1 };
                await this.run('admin', { set_publisher: publisher });
            });
        }
        await report.step('list the market ETH-PERP and open it', async () => {
            const params = plimsoll.marketParams({
                fee_taker: 500,
                liq_slice_above: plimsoll.toValue('1000000'),
            });
            await this.run('admin', {
                add_market: {
                    kind: 0,
                    feed: 0,
                    size_decimals: SIZE_DECIMALS,
                    tick: '1',
                    unbacked: 1,
                    params,
                },
            });
            const { state } = await this.client.getMarket({ market: 0 });
            if (state.status !== plimsoll.Status.ACTIVE) {
                await this.run('admin', {
                    set_status: { market: 0, status: plimsoll.Status.ACTIVE },
                });
            }
        });
        this.assets = {
            weth: { token: plimsoll.cw20(this.cw20), decimals: 6, feed: 1 },
            uatom: { token: plimsoll.native('uatom'), decimals: 6, feed: 2 },
            ufreeze: { token: plimsoll.native('ufreeze'), decimals: 6, feed: 2 },
            ibc: { token: plimsoll.native(this.ibcDenom), decimals: 6, feed: 2 },
            hostile: { token: plimsoll.cw20(this.hostile), decimals: 6, feed: 2 },
        };
        for (const [name, { token, decimals, feed }] of Object.entries(this.assets)) {
            await report.step(`list collateral ${name}`, async () => {
                const params = plimsoll.assetParams({ cap: '1000000000000' });
                await this.run('admin', { add_asset: { token, decimals, feed, params } });
                this.assets[name].id = Object.keys(this.assets).indexOf(name) + 1;
            });
        }
        await report.step('name guardian and matcher', async () => {
            await this.run('admin', {
                set_role: { role: plimsoll.Role.MATCHER, holder: grace.address },
            });
            await this.run('admin', {
                set_role: { role: plimsoll.Role.GUARDIAN, holder: heidi.address },
            });
            const roles = await this.client.getRoles();
            assert.equal(roles.matcher, sha256(bytesOf(grace.address)));
            assert.equal(roles.guardian, sha256(bytesOf(heidi.address)));
        });
    }

    get ibcDenom() {
        return this.network.denoms.find((denom) => denom.startsWith('ibc/'));
    }

    async open(name, mode = plimsoll.Mode.CROSS, number = 0) {
        const [event] = plimsoll.eventsOf(
            await this.events(name, { open_account: { number, mode } }),
            'account_opened',
        );
        const key = number === 0 ? name : `${name}${number}`;
        this.ids[key] = event.account;
        return event.account;
    }

    /** Deposits by the way of the token. */
    async deposit(name, asset, amount, account = this.ids[name]) {
        const token = asset === 0 ? plimsoll.native(USDC) : this.assets[asset].token;
        const id = asset === 0 ? 0 : this.assets[asset].id;
        const msg = { deposit: { account, asset: id, amount } };
        const one = plimsoll.withToken(this.contract, token, msg);
        const result = await this.actors[name].executeAll([one]);
        this.report.used('native' in token ? 'deposit' : 'deposit by CW20', result.gasUsed);
        return plimsoll.parseEvents(result.events, this.contract);
    }

    /** Publishes one price of each feed named; the others keep theirs. */
    async publish(prices) {
        const quotes = Object.entries(prices).map(([feed, price]) => {
            const time = Math.max(
                Math.floor(Date.now() / 1000),
                (this.published.get(feed) ?? 0) + 1,
            );
            this.published.set(feed, time);
            return { feed: Number(feed), price: ticks(price), conf: '0', time: `${time}` };
        });
        const events = await this.events('oracle', { publish_price: { quotes } });
        const refused = plimsoll.eventsOf(events, 'price_refused');
        assert.deepEqual(refused, [], 'the price was refused');
        return events;
    }

    makeFill(buyer, seller, size, price, taker = 0) {
        this.fill += 1;
        return {
            id: `${this.fill}`,
            market: 0,
            buyer: this.ids[buyer],
            seller: this.ids[seller],
            lots: lots(size),
            price: ticks(price),
            taker,
            buyer_by: 0,
            seller_by: 0,
        };
    }

    trade(buyer, seller, size, price) {
        return this.events('grace', {
            trade: { fills: [this.makeFill(buyer, seller, size, price)] },
        });
    }

    margin(name) {
        return this.client.getMargin({ account: this.ids[name] });
    }
}
