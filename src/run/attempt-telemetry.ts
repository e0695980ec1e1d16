import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { parseTelemetry } from '../../parsers/telemetry.ts';
import type { TelemetryLine } from '../schema/telemetry.ts';
import type { Window } from '../summary/power.ts';
import { problemOf } from './evidence.ts';

const CHUNK_BYTES = 256 * 1024;
const LONGEST_LINE_BYTES = 1024 * 1024;
const NEWLINE = 10;

/**
 * telemetry.jsonl of one attempt. A night's file is too large to be kept: it is walked through once, also while it
 * grows, and only where each line begins and its time are remembered; the lines of a window are read when asked for.
 */
export class AttemptTelemetry {
  readonly #path: string;
  /** Where each whole line begins, and behind them all where the next one will. */
  readonly #begins: number[] = [0];
  /** Of each line; NaN for one that tells none. */
  readonly #times: number[] = [];
  /** Numbers of the lines that count for every window: the first ones, and those that tell of an error. */
  readonly #always: number[] = [];
  /** Whether a line has told of errors of memory, which later lines are held against. */
  #counted = false;

  /** `folder` is the attempt's. */
  constructor(folder: string) {
    this.#path = join(folder, 'telemetry.jsonl');
  }

  /** The lines that `telemetryOf` needs for the window, as far as they are written; null when there is no such file. */
  linesOf(window: Window): readonly TelemetryLine[] | null {
    if (problemOf(this.#path) !== null) return null;
    try {
      const file = openSync(this.#path, 'r');
      try {
        this.#walkOn(file);
        return parseTelemetry(this.#textOf(file, window)).lines;
      } finally {
        closeSync(file);
      }
    } catch {
      // What a failing disk does not give is not there.
      return null;
    }
  }

  #walkOn(file: number): void {
    const buffer = Buffer.alloc(CHUNK_BYTES);
    let at = this.#begins.at(-1) ?? 0;
    let rest = Buffer.alloc(0);
    for (;;) {
      const count = readSync(file, buffer, 0, CHUNK_BYTES, at);
      if (count === 0) return;
      at += count;
      const bytes = Buffer.concat([rest, buffer.subarray(0, count)]);
      let begin = 0;
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, begin)) {
        this.#add(bytes.toString('latin1', begin, end), end + 1 - begin);
        begin = end + 1;
      }
      rest = bytes.subarray(begin);
      // No line of the sampler's: of such a file nothing more is read.
      if (rest.length > LONGEST_LINE_BYTES) return;
    }
  }

  #add(text: string, bytes: number): void {
    const number = this.#times.length;
    // {"unix_s": 1795361597.799, "line": "sample", ...
    this.#times.push(Number(/"unix_s": ?(?<time>[\d.]+)/.exec(text)?.groups?.['time'] ?? 'NaN'));
    this.#begins.push((this.#begins.at(-1) ?? 0) + bytes);
    const firstCount = !this.#counted && /"ecc_uncorrected": ?\d/.test(text);
    this.#counted ||= firstCount;
    if (number < FIRST_LINES || firstCount || text.includes('"xid"')) this.#always.push(number);
  }

  /** With the last line before the window. */
  #textOf(file: number, { from_unix_s, to_unix_s }: Window): string {
    const first = Math.max(
      0,
      this.#times.findLastIndex((time) => time < from_unix_s),
    );
    const last = this.#times.findLastIndex((time) => time <= to_unix_s);
    const before = this.#always.filter((number) => number < first);
    return [...before.map((number) => this.#text(file, number, number)), this.#text(file, first, last)].join('');
  }

  /** Of the lines from one number to another, both included. */
  #text(file: number, first: number, last: number): string {
    const begin = this.#begins[first] ?? 0;
    const end = this.#begins[last + 1] ?? begin;
    const buffer = Buffer.alloc(Math.max(0, end - begin));
    const count = readSync(file, buffer, 0, buffer.length, begin);
    return buffer.toString('utf8', 0, count);
  }
}

/** The one that says what is asked, and the first sample. */
const FIRST_LINES = 2;
