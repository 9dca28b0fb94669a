// SPDX-License-Identifier: Apache-2.0
// Who acts on the chain: each a signer with the generated client, and what the tests do by hand.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { cosmosTx, cosmwasm, plimsoll, stargate } from './packages.mjs';

/** Gas for any operation: no simulation, so that a refused call reaches a block. */
const PLENTY = 20_000_000;
/** A simulation pays no fee, and paying costs gas, too: much of what a small call uses. */
const MARGIN = 2;
const POLL_MS = 200;

export class Actor {
    constructor(network, report, { name, address, mnemonic }) {
        Object.assign(this, { network, report, name, address, mnemonic });
    }

    async signer() {
        this.wallet ??= await plimsoll.signerFromMnemonic(this.mnemonic, this.network.prefix);
        return this.wallet;
    }

    /** The chain's own client. */
    async chain() {
        this.direct ??= await cosmwasm.SigningCosmWasmClient.connectWithSigner(
            this.network.rpc,
            await this.signer(),
            {
                gasPrice: stargate.GasPrice.fromString(this.network.gas_price),
                broadcastPollIntervalMs: POLL_MS,
            },
        );
        return this.direct;
    }

    /** The generated client of a contract. */
    async on(contract) {
        if (this.writer?.plimsoll.contractAddress !== contract) {
            this.writer = await plimsoll.connectWriter({
                rpc: this.network.rpc,
                contract,
                signer: await this.signer(),
                gasPrice: this.network.gas_price,
                pollMs: POLL_MS,
            });
        }
        return this.writer;
    }

    async upload(path) {
        const chain = await this.chain();
        const result = await chain.upload(this.address, readFileSync(path), MARGIN);
        return { codeId: result.codeId, gas: result.gasUsed, checksum: result.checksum };
    }

    async migrate(contract, codeId) {
        const chain = await this.chain();
        return chain.migrate(this.address, contract, codeId, {}, MARGIN);
    }

    async instantiate(codeId, msg, label, admin) {
        const chain = await this.chain();
        const result = await plimsoll.explain(
            chain.instantiate(this.address, codeId, msg, label, MARGIN, { admin }),
        );
        return { address: result.contractAddress, gas: result.gasUsed };
    }

    /** Executes any contract. */
    async execute(contract, msg, funds = [], fee = MARGIN) {
        const chain = await this.chain();
        return plimsoll.explain(chain.execute(this.address, contract, msg, fee, '', funds));
    }

    /** The same without a simulation: a refusal is in a block, with its code. */
    force(contract, msg, funds = []) {
        return this.execute(contract, msg, funds, this.network.fee(PLENTY));
    }

    /** One transaction of several messages. */
    async executeAll(instructions) {
        const chain = await this.chain();
        return plimsoll.explain(chain.executeMultiple(this.address, instructions, MARGIN));
    }

    /** Any messages of the chain in one transaction. */
    async send(messages, fee = this.network.fee(PLENTY)) {
        const chain = await this.chain();
        const result = await chain.signAndBroadcast(this.address, messages, fee);
        assert.equal(result.code, 0, result.rawLog);
        return result;
    }

    /** The bytes of a signed call, for sending more than once. */
    async sign(messages) {
        const chain = await this.chain();
        const signed = await chain.sign(this.address, messages, this.network.fee(PLENTY), '');
        return cosmosTx.TxRaw.encode(signed).finish();
    }
}

/** Waits until a condition holds; asks every so often. One that throws does not hold yet. */
export async function until(what, seconds, condition, everyMs = 500) {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
        let cause;
        try {
            const result = await condition();
            if (result) {
                return result;
            }
        } catch (error) {
            cause = error;
        }
        if (Date.now() > deadline) {
            throw new Error(`${what}: not within ${seconds} s`, { cause });
        }
        await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
}
