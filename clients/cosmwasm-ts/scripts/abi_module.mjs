// SPDX-License-Identifier: Apache-2.0
// Turns abi/plm_abi.json into a TypeScript module of constants: errors, enumerations, parameters
// with their defaults (the market M0), limits, lines and events. Sums of money become strings.

const NUMBERS = new Set(['U8', 'U16', 'U32', 'MARKET', 'ASSET', 'FEED', 'RATIO']);
const WAD = 18;

/** Decimal text times 10^places as an integer; exact or an error. */
function scaled(text, places) {
    const plain = text.replaceAll('_', '');
    const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(plain);
    if (match === null) {
        throw new Error(`not a decimal number: ${text}`);
    }
    const fraction = match[3] ?? '';
    if (fraction.length > places) {
        throw new Error(`more than ${places} decimals: ${text}`);
    }
    const digits = BigInt(match[2] + fraction.padEnd(places, '0'));
    return match[1] === '-' ? -digits : digits;
}

/** A default as a scenario file writes it, as the value of the message's field. */
function defaultValue({ type, default: text }) {
    const percent = text.endsWith('%');
    const number = text.replace(/[%s]$/, '');
    switch (type) {
        case 'RATIO':
            return Number(scaled(number, percent ? 4 : 6));
        case 'RATE':
            return String(scaled(number, percent ? 7 : 9));
        case 'VAL':
            return String(scaled(number, WAD));
        case 'U8':
        case 'U16':
        case 'U32':
            return Number(scaled(number, 0));
        case 'QTY':
        case 'PRICE':
        case 'AMT':
            return String(scaled(number, 0));
        default:
            throw new Error(`no default of type ${type}`);
    }
}

const pascal = (name) =>
    name
        .split('_')
        .map((word) => word[0].toUpperCase() + word.slice(1))
        .join('');
const quoted = (value) => JSON.stringify(value);

function enumerations(rows) {
    const kinds = [...new Set(rows.map((row) => row.kind))];
    return kinds
        .map((kind) => {
            const members = rows
                .filter((row) => row.kind === kind)
                .map((row) => `  /** ${row.text} */\n  ${row.symbol}: ${row.value},`);
            const name = pascal(kind.toLowerCase());
            const doc = `/** ${kind} of abi/enums.def. */`;
            return `${doc}\nexport const ${name} = {\n${members.join('\n')}\n} as const;\n`;
        })
        .join('\n');
}

function errors(rows) {
    const members = rows.map(
        (row) =>
            `  ${row.symbol}: { code: ${row.code}, family: ${quoted(row.family)}, ` +
            `text: ${quoted(row.text)} },`,
    );
    return `/** Result codes of abi/errors.def. */
export const ERRORS = {
${members.join('\n')}
} as const;

/** The symbol of a result code. */
export type ErrorSymbol = keyof typeof ERRORS;
`;
}

function parameters(rows) {
    const members = rows.map(
        (row) =>
            `  { name: ${quoted(row.name)}, id: ${row.id}, target: ${quoted(row.target)}, ` +
            `type: ${quoted(row.type)}, min: ${quoted(row.min)}, max: ${quoted(row.max)}, ` +
            `loosening: ${row.loosening}, rule: ${quoted(row.rule)}, text: ${quoted(row.text)} },`,
    );
    const defaults = ['market', 'feed', 'asset'].map((target) => {
        const fields = rows
            .filter((row) => row.target === target)
            .map(
                (row) =>
                    `  /** ${row.text} [${row.rule}]; ${row.default.replaceAll('*/', '')} */\n` +
                    `  ${row.name}: ${quoted(defaultValue(row))},`,
            );
        const type = `${pascal(target)}Params`;
        return `/** Default parameters of a ${target}, the market M0 of abi/params.def. */
export const DEFAULT_${target.toUpperCase()}_PARAMS: Readonly<${type}> = Object.freeze({
${fields.join('\n')}
});
`;
    });
    return `/** A parameter; loosening: the direction that lowers safety. */
export interface Parameter {
  readonly name: string;
  readonly id: number;
  readonly target: 'market' | 'feed' | 'asset';
  readonly type: string;
  readonly min: string;
  readonly max: string;
  readonly loosening: -1 | 0 | 1;
  readonly rule: string;
  readonly text: string;
}

/** Parameters of abi/params.def. */
export const PARAMS: readonly Parameter[] = [
${members.join('\n')}
];

${defaults.join('\n')}`;
}

function events(rows, structs) {
    const byName = new Map(structs.map((struct) => [struct.name, struct]));
    const interfaces = [];
    const shapes = [];
    for (const row of rows) {
        const fields = byName.get(row.fields).fields;
        const members = fields.map(
            (field) =>
                `    /** ${field.text} */\n    ${field.name}: ` +
                `${NUMBERS.has(field.type) ? 'number' : 'string'};`,
        );
        interfaces.push(`  /** ${row.text} */\n  ${row.name}: {\n${members.join('\n')}\n  };`);
        const kinds = fields.map(
            (field) => `${field.name}: ${quoted(NUMBERS.has(field.type) ? 'number' : 'string')}`,
        );
        shapes.push(`  ${row.name}: { ${kinds.join(', ')} },`);
    }
    return `/** Fields of events: what is wider than 32 bits, tokens and hashes are text. */
export interface PlimsollEvents {
${interfaces.join('\n')}
}

/** How each attribute of an event is read. */
export const EVENT_FIELDS: {
  readonly [T in keyof PlimsollEvents]: {
    readonly [F in keyof PlimsollEvents[T]]: 'number' | 'string';
  };
} = {
${shapes.join('\n')}
};
`;
}

function constants(name, doc, rows) {
    const members = rows.map(([symbol, value, text]) => `  /** ${text} */\n  ${symbol}: ${value},`);
    return `/** ${doc} */\nexport const ${name} = {\n${members.join('\n')}\n} as const;\n`;
}

/** The text of src/generated/abi.ts. */
export function abiModule(abi, version) {
    return `// Written by scripts/generate.mjs from abi/plm_abi.json: change those, not this file.
import type { AssetParams, FeedParams, MarketParams } from './Plimsoll.types.js';

/** Version of the contract that this client was generated for. */
export const CONTRACT_VERSION = ${quoted(version)};

/** \`market\` of an operation that names no market: the global tranche, all markets, none. */
export const NO_MARKET = 65535;

${errors(abi.errors)}
${enumerations(abi.enums.filter((row) => row.kind !== 'LINE'))}
${constants(
    'Line',
    'Named lines of abi/lines.def.',
    abi.lines.map((l) => [l.symbol, l.id, l.text]),
)}
${constants(
    'LIMITS',
    'Bounds of abi/limits.def.',
    abi.limits.map((l) => [l.symbol, l.value, l.text]),
)}
${parameters(abi.params)}
${events(abi.events, abi.structs)}`;
}
