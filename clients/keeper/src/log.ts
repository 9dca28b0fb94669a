// SPDX-License-Identifier: Apache-2.0
// Log lines on standard error: text for people, or one JSON object a line.

/** Severity of a line. */
export type Level = 'debug' | 'info' | 'warn' | 'error';

/** Facts that belong to a line. */
export type Facts = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes log lines. */
export interface Log {
  debug(message: string, facts?: Facts): void;
  info(message: string, facts?: Facts): void;
  warn(message: string, facts?: Facts): void;
  error(message: string, facts?: Facts): void;
}

const ORDER: Record<Level, number> = { debug: 0, info: 1, warn: 2, error: 3 };

function asText(time: string, level: Level, message: string, facts: Facts): string {
  const words = Object.entries(facts)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) => `${key}=${/[\s"=]/.test(String(value)) ? JSON.stringify(value) : value}`,
    );
  return [time, level.toUpperCase().padEnd(5), message, ...words].join(' ');
}

/** A log that leaves out what is below `level`. */
export function makeLog(
  level: Level,
  format: 'text' | 'json',
  write: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): Log {
  const at =
    (own: Level) =>
    (message: string, facts: Facts = {}): void => {
      if (ORDER[own] < ORDER[level]) {
        return;
      }
      const time = new Date().toISOString();
      const line =
        format === 'json'
          ? JSON.stringify({ time, level: own, message, ...facts })
          : asText(time, own, message, facts);
      write(line);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** What an error says, on one line. */
export function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s+/g, ' ').slice(0, 400);
}
