// SPDX-License-Identifier: Apache-2.0
// Checks a reply against the schema that clients are generated from. It knows the part of JSON
// Schema that the schema uses, and refuses words that it does not know.
import { readFileSync } from 'node:fs';

import { root } from './packages.mjs';

const idl = JSON.parse(
    readFileSync(new URL('clients/cosmwasm-ts/schema/plimsoll.json', root), 'utf8'),
);

const KNOWN = new Set([
    '$ref',
    '$schema',
    'additionalProperties',
    'allOf',
    'anyOf',
    'definitions',
    'description',
    'format',
    'items',
    'maxItems',
    'maximum',
    'minItems',
    'minimum',
    'oneOf',
    'pattern',
    'properties',
    'required',
    'title',
    'type',
    'maxLength',
    'minLength',
]);

function typeOf(value) {
    if (value === null) {
        return 'null';
    }
    if (Array.isArray(value)) {
        return 'array';
    }
    return Number.isInteger(value) ? 'integer' : typeof value;
}

const passes = (schema, value, all) => {
    try {
        check(schema, value, all, '');
        return true;
    } catch {
        return false;
    }
};

function checkObject(schema, value, all, path) {
    for (const name of schema.required ?? []) {
        if (!Object.hasOwn(value, name)) {
            throw new Error(`${path}: ${name} is missing`);
        }
    }
    for (const [name, member] of Object.entries(value)) {
        const known = schema.properties?.[name];
        if (known !== undefined) {
            check(known, member, all, `${path}.${name}`);
        } else if (schema.additionalProperties === false) {
            throw new Error(`${path}: ${name} is not in the schema`);
        }
    }
}

function checkChoices(schema, value, all, path) {
    for (const part of schema.allOf ?? []) {
        check(part, value, all, path);
    }
    const anyOf = schema.anyOf ?? [];
    if (anyOf.length > 0 && !anyOf.some((part) => passes(part, value, all))) {
        throw new Error(`${path}: none of the forms of the schema`);
    }
    const oneOf = schema.oneOf ?? [];
    if (oneOf.length > 0 && oneOf.filter((part) => passes(part, value, all)).length !== 1) {
        throw new Error(`${path}: not exactly one of the forms of the schema`);
    }
}

function check(schema, value, all, path) {
    const strange = Object.keys(schema).filter((word) => !KNOWN.has(word));
    if (strange.length > 0) {
        throw new Error(`${path}: the schema uses ${strange}, which this checker does not know`);
    }
    if (schema.$ref !== undefined) {
        check(all[schema.$ref.replace('#/definitions/', '')], value, all, path);
        return;
    }
    const types = schema.type === undefined ? undefined : [schema.type].flat();
    if (types !== undefined && !types.includes(typeOf(value))) {
        throw new Error(`${path}: ${typeOf(value)} instead of ${types}`);
    }
    if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(value)) {
        throw new Error(`${path}: "${value}" is not ${schema.pattern}`);
    }
    if (value < schema.minimum || value > schema.maximum) {
        throw new Error(`${path}: ${value} is out of range`);
    }
    if (Array.isArray(value)) {
        if (value.length > (schema.maxItems ?? Infinity)) {
            throw new Error(`${path}: ${value.length} elements`);
        }
        value.forEach((item, index) => check(schema.items, item, all, `${path}[${index}]`));
    } else if (typeOf(value) === 'object') {
        checkObject(schema, value, all, path);
    }
    checkChoices(schema, value, all, path);
}

/** Throws unless the reply of a query is as its schema says. */
export function checkReply(query, reply) {
    const schema = idl.responses[query];
    check(schema, reply, schema.definitions ?? {}, query);
}

/** The queries of the schema that are not among those named. */
checkReply.missing = (queries) => Object.keys(idl.responses).filter((name) => !(name in queries));
