// SPDX-License-Identifier: Apache-2.0
// The default parameters of the package are those that the simulator gives a market, a feed and a
// collateral of which a scenario says nothing.
//
//     node scripts/check_defaults.mjs build/release/plimsoll
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { assetParams, feedParams, marketParams } from '../build/src/index.js';

const SCENARIO = `quote  USDC decimals 6
asset  WETH decimals 18
market ETH-PERP size_decimals 8
`;

const [program] = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), 'plimsoll-defaults-'));
try {
    const scenario = join(work, 'defaults.scn');
    const calls = join(work, 'calls.jsonl');
    writeFileSync(scenario, SCENARIO);
    execFileSync(program, ['run', scenario, '--calls', calls], { stdio: ['ignore', 'ignore', 2] });
    const lines = readFileSync(calls, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    const given = (name) => lines.find(({ msg }) => msg?.[name] !== undefined).msg[name].params;
    assert.deepEqual(marketParams(), given('add_market'));
    assert.deepEqual(feedParams(), given('add_feed'));
    const asset = given('add_asset');
    assert.deepEqual(assetParams({ cap: asset.cap }), asset);
} finally {
    rmSync(work, { recursive: true, force: true });
}
