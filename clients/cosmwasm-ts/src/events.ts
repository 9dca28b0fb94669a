// SPDX-License-Identifier: Apache-2.0
// The engine's events out of a transaction's.
import { EVENT_FIELDS, type PlimsollEvents } from './generated/abi.js';

/** The name of an event of the engine. */
export type EventName = keyof PlimsollEvents;

/** One event with its fields: narrow it by `type`. */
export type PlimsollEvent = {
  [T in EventName]: {
    readonly type: T;
    readonly fields: PlimsollEvents[T];
    /** Which message of the transaction it belongs to; undefined where the chain does not say. */
    readonly messageIndex: number | undefined;
  };
}[EventName];

/** An event as a chain reports it. */
export interface ChainEvent {
  readonly type: string;
  readonly attributes: readonly { readonly key: string; readonly value: string }[];
}

/** The chain puts this before the types of a contract's own events. */
const PREFIX = 'wasm-';

function isEventName(name: string): name is EventName {
  return Object.hasOwn(EVENT_FIELDS, name);
}

function readFields(name: EventName, values: ReadonlyMap<string, string>): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [field, kind] of Object.entries(EVENT_FIELDS[name])) {
    const value = values.get(field);
    if (value === undefined) {
      throw new Error(`event ${name} without ${field}: another version of the contract?`);
    }
    fields[field] = kind === 'number' ? Number(value) : value;
  }
  return fields;
}

function readEvent(name: EventName, event: ChainEvent): PlimsollEvent {
  const values = new Map(event.attributes.map(({ key, value }) => [key, value]));
  const index = values.get('msg_index');
  const messageIndex = index === undefined ? undefined : Number(index);
  return { type: name, fields: readFields(name, values), messageIndex } as PlimsollEvent;
}

/**
 * The events of one contract among those of a transaction, in order. Events of other contracts and
 * of the chain are left out; so are events that this version does not know.
 */
export function parseEvents(events: readonly ChainEvent[], contract: string): PlimsollEvent[] {
  const found: PlimsollEvent[] = [];
  for (const event of events) {
    const name = event.type.startsWith(PREFIX) ? event.type.slice(PREFIX.length) : '';
    const isOurs = event.attributes.some(
      ({ key, value }) => key === '_contract_address' && value === contract,
    );
    if (isEventName(name) && isOurs) {
      found.push(readEvent(name, event));
    }
  }
  return found;
}

/** The events of a `get_preview` reply, which no chain has dressed up. */
export function parsePreviewEvents(events: readonly ChainEvent[]): PlimsollEvent[] {
  const found: PlimsollEvent[] = [];
  for (const event of events) {
    if (isEventName(event.type)) {
      found.push(readEvent(event.type, event));
    }
  }
  return found;
}

/** The events of one kind. */
export function eventsOf<T extends EventName>(
  events: readonly PlimsollEvent[],
  type: T,
): PlimsollEvents[T][] {
  return events
    .filter((event) => event.type === type)
    .map((event) => event.fields as PlimsollEvents[T]);
}
