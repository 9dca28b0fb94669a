// SPDX-License-Identifier: Apache-2.0
// What must not work, tried on the real chain. Every refusal is in a block: nothing is simulated.
import assert from 'node:assert/strict';

import { digestOf, readState } from './chain_state.mjs';
import { bytesOf, sha256, ticks, USDC } from './market.mjs';
import { rpcCall } from './network.mjs';
import { encoding, plimsoll, wasmTx } from './packages.mjs';

const encode = plimsoll.encodeMessage;
const TWO_64 = '18446744073709551616';
const TWO_127 = '170141183460469231731687303715884105728';
const TWO_128 = '340282366920938463463374607431768211456';
/** The contract gives the chain no memory for a message as long as that. */
const NO_ROOM = /zero Wasm address/;
const MALFORMED = /^(E_FIELD|E_RANGE|E_LENGTH)$/;

/** The state before and after is the same. */
async function unchanged(x, work) {
    const read = async () => digestOf(await readState(x.network.rpc, x.contract));
    const before = await read();
    await work();
    assert.equal(await read(), before, 'the state has changed');
}

/** Tokens that were never sent. */
export async function forgedTokens(x) {
    const { report, contract } = x;
    const { mallory } = x.actors;
    const account = x.ids.mallory;
    const asset = x.assets.weth.id;
    const deposit = encode({ deposit: { account, asset, amount: '1000000' } });
    const receive = { sender: mallory.address, amount: '1000000', msg: deposit };
    const refused = (name, symbol, work) => report.refused(name, symbol, work);
    const short = 'E_INSUFFICIENT_FUNDS_ATTACHED';
    await refused('receive by a person', short, () => mallory.force(contract, { receive }));
    await refused("receive by a person in another's name, with the coin itself", 'E_FIELD', () =>
        mallory.force(
            contract,
            { receive: { ...receive, sender: x.actors.bob.address, amount: '5' } },
            [{ denom: USDC, amount: '5' }],
        ),
    );
    await refused('receive by another contract, for a token that is not its own', short, () =>
        mallory.force(x.hostile, { send: { contract, amount: '1000000', msg: deposit } }),
    );
    await refused('receive relayed by another contract', short, () =>
        mallory.force(x.hostile, {
            relay: {
                to: contract,
                msg: encoding.toBase64(encoding.toUtf8(JSON.stringify({ receive }))),
            },
        }),
    );
    await refused('receive that carries a withdrawal', 'E_FIELD', () =>
        mallory.force(x.hostile, {
            send: {
                contract,
                amount: '1',
                msg: encode({ withdraw: { account: x.ids.bob, asset: 0, amount: '1' } }),
            },
        }),
    );
    await refused('a deposit without coins', short, () =>
        mallory.force(contract, { deposit: { account, asset: 0, amount: '5' } }),
    );
    await refused('a deposit with another coin', short, () =>
        mallory.force(contract, { deposit: { account, asset: 0, amount: '5' } }, [
            { denom: 'uatom', amount: '5' },
        ]),
    );
    await refused('a deposit of more than comes with it', short, () =>
        mallory.force(contract, { deposit: { account, asset: 0, amount: '6' } }, [
            { denom: USDC, amount: '5' },
        ]),
    );
}

/** A coin that is no asset: the call is refused, and the chain keeps the coin where it was. */
export async function unlistedCoin(x) {
    const { mallory } = x.actors;
    const coin = { denom: x.network.fee_denom, amount: '5' };
    const balance = () => x.reader.chain.getBalance(x.contract, coin.denom);
    const before = await balance();
    await x.report.refused('a call that carries a coin which is no asset', 'E_NO_ASSET', () =>
        mallory.force(x.contract, { open_account: { number: 9, mode: 0 } }, [coin]),
    );
    assert.deepEqual(await balance(), before);
}

/** Amounts at and beyond the ends. */
export async function amounts(x) {
    const { report, contract } = x;
    const { mallory } = x.actors;
    const account = x.ids.mallory;
    const funds = [{ denom: USDC, amount: '5' }];
    const tries = {
        'zero': ['0', 'E_AMOUNT_ZERO'],
        '2^127': [TWO_127, MALFORMED],
        '2^128': [TWO_128, MALFORMED],
        'less than zero': ['-5', MALFORMED],
        'a leading zero': ['05', MALFORMED],
        'a fraction': ['5.0', MALFORMED],
        'an exponent': ['5e0', MALFORMED],
        'a number': [5, MALFORMED],
        'null': [null, MALFORMED],
    };
    for (const [name, [amount, symbol]] of Object.entries(tries)) {
        await refusedLike(report, `a deposit of ${name}`, symbol, () =>
            mallory.force(contract, { deposit: { account, asset: 0, amount } }, funds),
        );
    }
    await report.refused('a withdrawal of zero', 'E_AMOUNT_ZERO', () =>
        mallory.force(contract, { withdraw: { account, asset: 0, amount: '0' } }),
    );
    await report.refused('a withdrawal of more than there is', 'E_BALANCE', () =>
        mallory.force(contract, { withdraw: { account, asset: 0, amount: '1000000000000' } }),
    );
    const price = { feed: 0, price: TWO_64, conf: '0', time: `${Math.floor(Date.now() / 1000)}` };
    await refusedLike(report, 'a price of 2^64', MALFORMED, () =>
        x.actors.oracle.force(contract, { publish_price: { quotes: [price] } }),
    );
}

async function refusedLike(report, name, symbol, work) {
    if (typeof symbol === 'string') {
        await report.refused(name, symbol, work);
        return;
    }
    await report.step(`${name}: refused`, async () => {
        let seen;
        await assert.rejects(work, (error) => {
            seen = error.symbol;
            assert.match(String(error.symbol), symbol, error.message);
            return true;
        });
        return seen;
    });
}

/** What was done once is not done again. */
export async function replays(x) {
    const { report, network, contract } = x;
    const { mallory } = x.actors;
    await report.step(
        'the same signed transaction a second time: the chain refuses it',
        async () => {
            const msg = { open_account: { number: 5, mode: 0 } };
            const bytes = await mallory.sign([
                {
                    typeUrl: '/cosmwasm.wasm.v1.MsgExecuteContract',
                    value: wasmTx.MsgExecuteContract.fromPartial({
                        sender: mallory.address,
                        contract,
                        msg: encoding.toUtf8(JSON.stringify(msg)),
                    }),
                },
            ]);
            const chain = await mallory.chain();
            const first = await chain.broadcastTx(bytes, 60_000, 200);
            assert.equal(first.code, 0, first.rawLog);
            const hex = Buffer.from(bytes).toString('hex');
            for (let i = 0; i < 2; i += 1) {
                const second = await rpcCall(network.rpc, `broadcast_tx_sync?tx=0x${hex}`).then(
                    ({ code, log }) => ({ code, log }),
                    (error) => ({ code: -1, log: error.message }),
                );
                assert.notEqual(second.code, 0);
                assert.match(second.log, /sequence mismatch|already exists in cache/);
            }
        },
    );
    await report.refused('the same fill a second time', 'E_DUPLICATE', () => {
        const fill = { ...x.makeFill('bob', 'alice', '0.1', '1500'), id: '1' };
        return x.actors.grace.force(contract, { trade: { fills: [fill] } });
    });
    await report.refused('the same price a second time', 'E_PRICE_TIME', () => {
        const quote = { feed: 0, price: ticks('1500'), conf: '0', time: `${x.published.get('0')}` };
        return x.actors.oracle.force(contract, { publish_price: { quotes: [quote] } });
    });
    await report.refused('the same account a second time', 'E_EXISTS', () =>
        mallory.force(contract, { open_account: { number: 5, mode: 0 } }),
    );
}

/** Who is not entitled. */
export async function strangers(x) {
    const { report, contract, network } = x;
    const { mallory } = x.actors;
    const role = { role: plimsoll.Role.ADMIN, holder: mallory.address };
    const quote = {
        feed: 0,
        price: ticks('1'),
        conf: '0',
        time: `${Math.floor(Date.now() / 1000)}`,
    };
    const [bob, own] = [x.ids.bob, x.ids.mallory];
    const tries = [
        ['name himself admin', 'E_ROLE', { set_role: role }],
        [
            'list a feed',
            'E_ROLE',
            { add_feed: { price_decimals: 8, params: plimsoll.feedParams() } },
        ],
        ['pause', 'E_ROLE', { set_pause: { market: 65535, bits: 96 } }],
        ['publish a price', 'E_ROLE', { publish_price: { quotes: [quote] } }],
        [
            'match a trade',
            'E_ROLE',
            { trade: { fills: [x.makeFill('bob', 'alice', '1', '1500')] } },
        ],
        ['sweep', 'E_ROLE', { sweep_surplus: { asset: 0, amount: '1' } }],
        [
            "withdraw another's money",
            'E_AUTH',
            { withdraw: { account: bob, asset: 0, amount: '1' } },
        ],
        [
            "move another's money",
            'E_AUTH',
            { transfer: { from: bob, to: own, asset: 0, amount: '1' } },
        ],
        ["close another's account", 'E_AUTH', { close_account: { account: bob } }],
        [
            "burden another's account",
            'E_AUTH',
            {
                liquidate: {
                    account: x.ids.alice,
                    market: 0,
                    taker: bob,
                    lots: '0',
                    limit: '0',
                },
            },
        ],
        ['book a payout', 'E_FIELD', { settle_out: { payout: '1', ok: 0 } }],
        [
            'initialise again',
            'E_FIELD',
            {
                initialise: {
                    token: { native: USDC },
                    decimals: 6,
                    admin: mallory.address,
                },
            },
        ],
    ];
    for (const [name, symbol, msg] of tries) {
        await report.refused(`a stranger wants to ${name}`, symbol, () =>
            mallory.force(contract, msg),
        );
    }
    x.fill -= 1;
    await report.step('a stranger wants to migrate the code: the chain refuses', async () => {
        const chain = await mallory.chain();
        await assert.rejects(
            chain.migrate(
                mallory.address,
                contract,
                x.codes.next,
                {},
                network.fee(2_000_000),
            ),
            /unauthorized/,
        );
    });
    await report.step('a stranger sends sudo: the chain refuses', async () => {
        const chain = await mallory.chain();
        const value = wasmTx.MsgSudoContract.fromPartial({
            authority: mallory.address,
            contract,
            msg: encoding.toUtf8(JSON.stringify({ set_role: role })),
        });
        chain.registry.register('/cosmwasm.wasm.v1.MsgSudoContract', wasmTx.MsgSudoContract);
        const result = await chain.signAndBroadcast(
            mallory.address,
            [{ typeUrl: '/cosmwasm.wasm.v1.MsgSudoContract', value }],
            network.fee(2_000_000),
        );
        assert.notEqual(result.code, 0);
        assert.match(result.rawLog, /invalid authority|expected gov account|unauthorized/i);
    });
}

/** A query changes nothing, whatever it pretends to do. */
export async function queries(x) {
    const { report, contract } = x;
    const { bob } = x.actors;
    await report.step('a preview of a withdrawal pays nobody and writes nothing', () =>
        unchanged(x, async () => {
            const message = encode({ withdraw: { account: x.ids.bob, asset: 0, amount: '5' } });
            const preview = { actor: bob.address, funds: [], message };
            const before = await x.reader.chain.getBalance(bob.address, USDC);
            const reply = await x.client.getPreview(preview);
            assert.equal(reply.code, 0);
            assert.equal(reply.events[0].type, 'withdrawn');
            assert.deepEqual(await x.reader.chain.getBalance(bob.address, USDC), before);
        }),
    );
    await report.refused('an operation sent as a query', 'E_FIELD', () =>
        plimsoll.explain(
            x.reader.chain.queryContractSmart(contract, { open_account: { number: 6, mode: 0 } }),
        ),
    );
}

/** A token that refuses, traps, or calls back while it is paid out. */
export async function hostileToken(x) {
    const { report, contract, hostile } = x;
    const { mallory } = x.actors;
    const asset = x.assets.hostile.id;
    const relay = (msg) => mallory.execute(hostile, { relay: { to: contract, msg: encode(msg) } });
    const balance = async () => {
        const { account } = await x.client.getAccount({ account: x.ids.hostile });
        return account.collaterals.find((held) => held.asset === asset)?.atoms ?? '0';
    };
    await report.step('the token that attacks opens an account of its own', async () => {
        const { events } = await relay({ open_account: { number: 0, mode: 0 } });
        const [opened] = plimsoll.eventsOf(
            plimsoll.parseEvents(events, contract),
            'account_opened',
        );
        assert.equal(opened.owner, sha256(bytesOf(hostile)));
        x.ids.hostile = opened.account;
        const deposit = encode({ deposit: { account: opened.account, asset, amount: '1000' } });
        // The first of a kind of collateral comes from the owner: the token sends in its own name.
        const receive = { receive: { sender: hostile, amount: '1000', msg: deposit } };
        await relay(receive);
        assert.equal(await balance(), '1000');
    });
    const all = { withdraw: { account: x.ids.hostile, asset, amount: '1000' } };
    for (const mode of ['refuse', 'trap']) {
        await report.step(
            `a payout to a token that answers with ${mode} is credited again`,
            async () => {
                await mallory.execute(hostile, { [mode]: {} });
                const { events } = await relay(all);
                const found = plimsoll.parseEvents(events, contract);
                assert.deepEqual(
                    found.map(({ type }) => type),
                    ['withdrawn', 'payout_settled'],
                );
                assert.equal(found[1].fields.ok, 0);
                assert.equal(await balance(), '1000');
            },
        );
    }
    await report.step('a token that never ends: the transaction fails, nothing has changed', () =>
        unchanged(x, async () => {
            await mallory.execute(hostile, { loop: {} });
            await assert.rejects(
                mallory.force(hostile, { relay: { to: contract, msg: encode(all) } }),
                /out of gas/i,
            );
        }),
    );
    await report.step('a token that withdraws once more while it is paid: refused', async () => {
        await mallory.execute(hostile, { arm: { to: contract, msg: encode(all) } });
        const { events } = await relay(all);
        const reentry = events
            .flatMap(({ attributes }) => attributes)
            .find(({ key }) => key === 'reentry');
        assert.equal(reentry.value, 'refused');
        assert.equal(await balance(), '0');
    });
    await report.step('a token that deposits while it is paid: counted once', async () => {
        const deposit = { deposit: { account: x.ids.hostile, asset, amount: '1000' } };
        const receive = { receive: { sender: hostile, amount: '1000', msg: encode(deposit) } };
        await mallory.execute(hostile, { obey: {} });
        await relay(receive);
        await mallory.execute(hostile, { arm: { to: contract, msg: encode(receive) } });
        await relay(all);
        assert.equal(await balance(), '1000');
    });
}

/** Messages that are long, deep, or no JSON at all. */
export async function longMessages(x) {
    const { report, contract } = x;
    const { mallory } = x.actors;
    const raw = async (text) => {
        const chain = await mallory.chain();
        const result = await chain.signAndBroadcast(
            mallory.address,
            [
                {
                    typeUrl: '/cosmwasm.wasm.v1.MsgExecuteContract',
                    value: wasmTx.MsgExecuteContract.fromPartial({
                        sender: mallory.address,
                        contract,
                        msg: encoding.toUtf8(text),
                        funds: [],
                    }),
                },
            ],
            x.network.fee(50_000_000),
        );
        assert.notEqual(result.code, 0);
        throw plimsoll.parseRefusal(result.rawLog) ?? new Error(result.rawLog);
    };
    const big = 'x'.repeat(700_000);
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const many = `{"trade":{"fills":[${'{},'.repeat(100_000)}{}]}}`;
    const short = big.slice(0, 10_000);
    const nested = `${'['.repeat(1000)}${']'.repeat(1000)}`;
    const tries = [
        ['a string of 10 kB', `{"open_account":{"number":0,"mode":"${short}"}}`, /^E_FIELD: /],
        ['brackets 1000 deep', `{"trade":{"fills":${nested}}}`, /^E_FIELD: .* nested too deep/],
        ['a string of 700 kB', `{"open_account":{"number":0,"mode":"${big}"}}`, NO_ROOM],
        ['a name of 700 kB', `{"${big}":{}}`, NO_ROOM],
        ['brackets 100 000 deep', `{"trade":{"fills":${deep}}}`, /payload msg: invalid/],
        ['100 000 fills', many, NO_ROOM],
        ['blanks of 700 kB', `{${' '.repeat(700_000)}"open_account":{"number":0}}`, NO_ROOM],
    ];
    for (const [name, text, refusal] of tries) {
        await report.step(`${name}: refused, nothing has changed`, () =>
            unchanged(x, () => assert.rejects(raw(text), { message: refusal })),
        );
    }
    const strict = {
        'an unknown field': '{"open_account":{"number":8,"mode":0,"more":1}}',
        'a field twice': '{"open_account":{"number":8,"mode":0,"mode":0}}',
        'a field missing': '{"open_account":{"number":8}}',
        'two messages': '{"open_account":{"number":8,"mode":0},"flag":{"account":"1"}}',
        'an escape': '{"open_acco\\u0075nt":{"number":8,"mode":0}}',
    };
    for (const [name, text] of Object.entries(strict)) {
        await report.refused(`${name} in a message`, 'E_FIELD', () => raw(text));
    }
    await report.step('a long query: refused', async () => {
        const query = { get_account: { account: '1'.repeat(200_000) } };
        await assert.rejects(x.reader.chain.queryContractSmart(contract, query), {
            message: NO_ROOM,
        });
    });
}

/** Names and numbers that look like others. */
export async function lookalikes(x) {
    const { report, contract } = x;
    const { mallory, admin } = x.actors;
    const bob = x.ids.bob;
    const ids = {
        'with a leading zero': `0${bob}`,
        'with a sign': `+${bob}`,
        'with a blank': ` ${bob}`,
        'as a number': Number(bob),
        'plus 2^64': (BigInt(bob) + (1n << 64n)).toString(),
        'in other digits': '\u0662',
    };
    for (const [name, account] of Object.entries(ids)) {
        await refusedLike(report, `an account id ${name}`, MALFORMED, () =>
            mallory.force(contract, { set_leverage: { account, ratio: 0 } }),
        );
    }
    const list = (token) => () =>
        admin.force(contract, {
            add_asset: {
                token,
                decimals: 6,
                feed: 2,
                params: plimsoll.assetParams({ cap: '1' }),
            },
        });
    await report.refused('a token that is listed', 'E_EXISTS', list(plimsoll.cw20(x.cw20)));
    await refusedLike(
        report,
        'a listed token in upper case',
        /E_EXISTS|E_FIELD/,
        list(plimsoll.cw20(x.cw20.toUpperCase())),
    );
    await report.refused(
        'the settlement coin as collateral',
        'E_EXISTS',
        list(plimsoll.native(USDC)),
    );
    await refusedLike(
        report,
        'a coin named as the bytes of a token',
        /E_FIELD/,
        list(plimsoll.native(`\u0000${bytesOf(x.cw20)}`)),
    );
    await refusedLike(
        report,
        'a token of a broken address',
        /E_FIELD/,
        list(plimsoll.cw20(`${x.cw20.slice(0, -1)}q`)),
    );
    await refusedLike(
        report,
        'a voucher in lower case',
        MALFORMED,
        list(plimsoll.native(x.ibcDenom.toLowerCase())),
    );
    await refusedLike(
        report,
        'a coin that is called as events call a token',
        MALFORMED,
        list(plimsoll.native(`cw20:${x.cw20}`)),
    );
}
