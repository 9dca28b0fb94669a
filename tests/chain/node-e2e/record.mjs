// SPDX-License-Identifier: Apache-2.0
// Writes a calls file from a chain: every call of one contract, in order, with what it did. The
// format is that of docs/SCENARIOS.md, "Calls files"; `plimsoll replay` judges it.
//
// Successful calls are found by their events: the chain writes `execute`, `instantiate`, `migrate`,
// `reply` or `sudo` with the contract's address before a call's own events, also for calls inside
// calls. What was called is in the transaction, in the message of a token's `send`, or in what
// another contract was told to relay. A refused transaction of one call is kept with its code.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';

import { digestOf, readState } from './chain_state.mjs';
import { rpcCall } from './network.mjs';
import { cosmosAbci, cosmosGov, encoding, plimsoll, signing, wasmTx } from './packages.mjs';

const ENTRIES = new Set(['execute', 'instantiate', 'migrate', 'reply', 'sudo']);
const UNREADABLE = new Set(['E_FIELD', 'E_LENGTH', 'E_RANGE']);
const BECH32 = /\bwasm1[02-9ac-hj-np-z]{38,}\b/g;
/** Longest bech32 text; the library's own bound is none, which its base refuses. */
const BECH32_MOST = 90;

const text = (bytes) => encoding.fromUtf8(bytes);
const unBase64 = (value) => text(encoding.fromBase64(value));

/** Addresses as `address:` and hexadecimal bytes, wherever they stand in a JSON value. */
function neutral(value) {
    const json = JSON.stringify(value).replace(BECH32, (address) => {
        try {
            return `address:${encoding.toHex(encoding.fromBech32(address, BECH32_MOST).data)}`;
        } catch {
            return address;
        }
    });
    return JSON.parse(json);
}

const nativeFunds = (coins) =>
    coins.map(({ denom, amount }) => ({ token: { native: denom }, amount }));

/** The chain sorts the attributes of calls inside calls: here they have the order of the tables. */
function ordered(type, values) {
    const keys = Object.keys(plimsoll.EVENT_FIELDS[type]);
    return { type, attributes: keys.map((key) => ({ key, value: values.get(key) })) };
}

class Recorder {
    constructor(contract) {
        this.contract = contract;
        this.lines = [];
        this.sudos = [];
        this.armed = new Map();
        this.counts = { calls: 0, refused: 0, none: 0 };
    }

    add(block, call, outcome) {
        const n = this.lines.length + 1;
        const { time, height, hash } = block;
        const line = {
            n,
            time,
            height,
            sender: call.sender,
            entry: call.entry,
            funds: call.funds,
            msg: call.msg,
            ...outcome,
            transaction: hash,
        };
        this.counts[outcome.code === 'OK' ? 'calls' : 'refused'] += 1;
        this.lines.push(neutral(line));
    }

    addNone(block, why) {
        const n = this.lines.length + 1;
        const { time, height, hash } = block;
        this.counts.none += 1;
        this.lines.push({ n, time, height, entry: 'none', why, transaction: hash });
    }

    /** A CW20 token, or who claims to be one, tells us that somebody sent. */
    received(token, { sender, amount, msg }) {
        const raw = unBase64(msg);
        const isCarried = /^\{"(deposit|fund_insurance)":/.test(raw);
        return {
            entry: 'execute',
            sender,
            funds: [{ token: { cw20: token }, amount }],
            raw,
            isMisplaced: !isCarried,
        };
    }

    /** A message that some address sends to the contract. */
    direct(sender, raw, coins) {
        let receive;
        try {
            receive = JSON.parse(raw).receive;
        } catch {
            receive = undefined; // the contract could not read it either
        }
        if (receive !== undefined) {
            // With coins beside it, it is refused before the engine sees it.
            const call = this.received(sender, receive);
            return { ...call, isMisplaced: call.isMisplaced || coins.length > 0 };
        }
        return { entry: 'execute', sender, funds: nativeFunds(coins), raw };
    }

    /** The calls of the contract that a message of a transaction begins. */
    callsOf({ typeUrl, value }) {
        switch (typeUrl) {
            case '/cosmwasm.wasm.v1.MsgInstantiateContract':
            case '/cosmwasm.wasm.v1.MsgInstantiateContract2': {
                const { sender, msg, funds } = wasmTx.MsgInstantiateContract.decode(value);
                return [
                    {
                        entry: 'instantiate',
                        sender,
                        funds: nativeFunds(funds),
                        raw: text(msg),
                        isUnsure: true,
                    },
                ];
            }
            case '/cosmwasm.wasm.v1.MsgMigrateContract': {
                const { sender, contract, msg } = wasmTx.MsgMigrateContract.decode(value);
                const call = { entry: 'migrate', sender, funds: [], raw: text(msg) };
                return contract === this.contract ? [call] : [];
            }
            case '/cosmos.gov.v1.MsgSubmitProposal': {
                this.keepProposal(value);
                return [];
            }
            case '/cosmwasm.wasm.v1.MsgExecuteContract':
                return this.executions(wasmTx.MsgExecuteContract.decode(value));
            default:
                return [];
        }
    }

    keepProposal(value) {
        const { messages } = cosmosGov.MsgSubmitProposal.decode(value);
        for (const message of messages) {
            if (message.typeUrl === '/cosmwasm.wasm.v1.MsgSudoContract') {
                const { contract, msg } = wasmTx.MsgSudoContract.decode(message.value);
                if (contract === this.contract) {
                    this.sudos.push({ entry: 'sudo', sender: contract, funds: [], raw: text(msg) });
                }
            }
        }
    }

    executions({ sender, contract, msg, funds }) {
        const raw = text(msg);
        if (contract === this.contract) {
            return [{ ...this.direct(sender, raw, funds), isTop: true }];
        }
        const { send, relay, arm } = JSON.parse(raw);
        if (send?.contract === this.contract) {
            return [this.received(contract, { sender, amount: send.amount, msg: send.msg })];
        }
        if (relay?.to === this.contract) {
            return [this.direct(contract, unBase64(relay.msg), funds)];
        }
        if (arm?.to === this.contract) {
            this.armed.set(contract, unBase64(arm.msg));
        }
        return [];
    }

    /** The successful calls of the contract among the events of a transaction. */
    segments(events) {
        const found = [];
        for (const { type, attributes } of events) {
            const values = new Map(attributes.map(({ key, value }) => [key, value]));
            if (values.get('_contract_address') !== this.contract) {
                continue;
            }
            if (ENTRIES.has(type)) {
                found.push({ entry: type, action: undefined, events: [] });
            } else if (type === 'wasm') {
                found.at(-1).action = values.get('action');
            } else if (type.startsWith('wasm-')) {
                const event = ordered(type.slice('wasm-'.length), values);
                found.at(-1).events.push(event);
            }
        }
        return found;
    }

    /** A reply has no message of its own in the transaction: its event says what it reported. */
    replyOf({ events }) {
        const settled = events.find(({ type }) => type === 'payout_settled');
        assert.ok(settled, 'a reply that settled no payout');
        const value = (name) => settled.attributes.find(({ key }) => key === name).value;
        return {
            entry: 'reply',
            sender: this.contract,
            funds: [],
            msg: { payout: value('payout'), ok: Number(value('ok')) },
        };
    }

    /** The call of a segment: the next one foreseen, a reply, or what another contract relayed. */
    take(segment, calls) {
        if (segment.entry === 'reply') {
            return this.replyOf(segment);
        }
        const next = calls[0];
        if (next !== undefined && next.entry === segment.entry) {
            calls.shift();
            return { ...next, msg: JSON.parse(next.raw) };
        }
        const [[sender, armed]] = this.armed;
        const call = this.direct(sender, armed, []);
        return { ...call, msg: JSON.parse(call.raw) };
    }

    succeeded(block, messages, events, replies) {
        const calls = messages.flatMap((message, index) =>
            this.callsOf(message).map((call) => (call.isTop ? { ...call, index } : call)),
        );
        for (const segment of this.segments(events)) {
            const call = this.take(segment, calls);
            const isNamed = segment.entry === 'execute' || segment.entry === 'sudo';
            if (isNamed && segment.action !== undefined) {
                assert.equal(segment.action, Object.keys(call.msg)[0], `of ${block.hash}`);
            }
            // What an operation returns is only told of calls that are messages themselves.
            const data = call.isTop ? { data: replies[call.index] } : {};
            this.add(block, call, { code: 'OK', events: segment.events, ...data });
        }
        const left = calls.filter(({ isUnsure }) => isUnsure !== true);
        assert.equal(left.length, 0, `calls without events in ${block.hash}`);
    }

    failed(block, messages, log) {
        const calls = messages.flatMap((message) => this.callsOf(message));
        const certain = calls.filter(({ isUnsure }) => isUnsure !== true);
        if (certain.length === 0) {
            return;
        }
        const refusal = plimsoll.parseRefusal(log);
        if (messages.length > 1 || refusal === undefined) {
            const why = refusal === undefined ? log.slice(0, 200) : 'one of several was refused';
            this.addNone(block, why);
            return;
        }
        const [call] = certain;
        // A message that may not come with tokens is refused before the engine sees it.
        const msg = call.isMisplaced === true ? undefined : canonical(call.raw);
        if (msg === undefined) {
            assert.ok(UNREADABLE.has(refusal.symbol), `${refusal.message} of ${block.hash}`);
            this.addNone(block, `${refusal.message}`);
            return;
        }
        this.add(
            block,
            { ...call, msg },
            { code: refusal.symbol, detail: refusal.detail, events: [], data: null },
        );
    }

    /** What governance did at the end of a block. */
    ended(block, events) {
        for (const segment of this.segments(events)) {
            assert.equal(segment.entry, 'sudo');
            const call = this.sudos.shift();
            this.add(
                block,
                { ...call, msg: JSON.parse(call.raw) },
                { code: 'OK', events: segment.events },
            );
        }
    }
}

/** The value of a JSON text of one spelling: no blanks, no escapes, no doubles, no wide numbers. */
function canonical(raw) {
    if (raw.includes('\\')) {
        return undefined;
    }
    try {
        const value = JSON.parse(raw);
        return JSON.stringify(value) === raw ? value : undefined;
    } catch {
        return undefined;
    }
}

const secondsOf = (time) => `${Math.floor(Date.parse(time) / 1000)}`;

/** What each message of a transaction returned: an object, or null. */
function repliesOf(data) {
    const { msgResponses } = cosmosAbci.TxMsgData.decode(encoding.fromBase64(data ?? ''));
    return msgResponses.map(({ typeUrl, value }) => {
        if (typeUrl !== '/cosmwasm.wasm.v1.MsgExecuteContractResponse') {
            return null;
        }
        const reply = wasmTx.MsgExecuteContractResponse.decode(value).data;
        return reply.length === 0 ? null : JSON.parse(text(reply));
    });
}

async function readBlock(rpc, height) {
    const [{ block }, results] = await Promise.all([
        rpcCall(rpc, `block?height=${height}`),
        rpcCall(rpc, `block_results?height=${height}`),
    ]);
    return { block, results };
}

/**
 * Reads the chain from its first block and writes every call of the contract. Returns the digest of
 * the state and how many calls there are.
 */
export async function recordCalls({ rpc, contract, name, path }) {
    const { sync_info: sync } = await rpcCall(rpc, 'status');
    const last = Number(sync.latest_block_height);
    const recorder = new Recorder(contract);
    for (let height = 1; height <= last; height += 1) {
        const { block, results } = await readBlock(rpc, height);
        const time = secondsOf(block.header.time);
        for (const [index, encoded] of block.data.txs.entries()) {
            const bytes = encoding.fromBase64(encoded);
            const hash = Buffer.from(await crypto.subtle.digest('SHA-256', bytes))
                .toString('hex')
                .toUpperCase();
            const { body } = signing.decodeTxRaw(bytes);
            const result = results.txs_results[index];
            const at = { time, height, hash };
            if (result.code === 0) {
                recorder.succeeded(at, body.messages, result.events, repliesOf(result.data));
            } else {
                recorder.failed(at, body.messages, result.log);
            }
        }
        recorder.ended({ time, height, hash: undefined }, results.finalize_block_events ?? []);
    }
    const pairs = await readState(rpc, contract);
    const state = digestOf(pairs);
    const [first] = recorder.lines;
    const head = { calls: 1, name, contract, time: first.time, height: first.height - 1 };
    const end = { end: true, state, keys: pairs };
    const lines = [neutral(head), ...recorder.lines, end].map((line) => JSON.stringify(line));
    writeFileSync(path, `${lines.join('\n')}\n`);
    return { state, keys: pairs.length, blocks: last, ...recorder.counts };
}
