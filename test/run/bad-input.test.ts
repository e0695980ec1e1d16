import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { readEvents } from '../../src/journal/journal.ts';
import { collect } from '../../src/run/collect.ts';
import { Plan } from '../../src/schema/plan.ts';
import { JobRecord } from '../../src/schema/record.ts';
import { carryOut, ENVIRONMENT, filesIn, point, readJson } from './runs.ts';

vi.mock('../../reports/charts/index.ts', () => ({ CHARTS: [], charts: () => [] }));

/** A finished run of one point for each driver, made by the first test; the others copy and spoil it. */
const runs = { resident: '', stock: '' };

const kept = mkdtempSync(join(tmpdir(), 'orchestrate-test-'));
const folder = (name: string) => mkdtempSync(join(kept, name));

afterAll(() => rmSync(kept, { recursive: true }));

type Spoil = Readonly<Record<string, (text: string, path: string) => string | Uint8Array | null>>;

/**
 * What `report` makes of a copy in which some files are other ones: a change gives the new text, or null when it has
 * changed what lies there itself. The record must fit its schema as JSON too.
 */
function reportOf(driver: keyof typeof runs, spoil: Spoil) {
  const directory = folder('spoiled-');
  try {
    cpSync(runs[driver], directory, { recursive: true });
    for (const path of filesIn(directory)) {
      const change = Object.entries(spoil).find(([name]) => basename(path).endsWith(name))?.[1];
      const spoiled = change?.(readFileSync(join(directory, path), 'utf8'), join(directory, path)) ?? null;
      if (spoiled !== null) writeFileSync(join(directory, path), spoiled);
    }
    const plan = Plan.parse(readJson(directory, 'plan.json'));
    const ledger = collect(plan, directory, readEvents(directory).events);
    const { records } = ledger.summary(ENVIRONMENT);
    const [record, ...others] = records;
    expect(others).toEqual([]);
    if (record === undefined) throw new Error('no record');
    // JSON has no -0.
    const written: unknown = JSON.parse(JSON.stringify(record));
    expect(JobRecord.parse(written)).toEqual(written);
    return { record, notes: ledger.notes };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function recordOf(driver: keyof typeof runs, spoil: Spoil) {
  return reportOf(driver, spoil).record;
}

function folderInstead(_text: string, path: string): null {
  rmSync(path);
  mkdirSync(path);
  return null;
}

/** A hole of 700 MB, more than JavaScript can hold as one string. */
function huge(_text: string, path: string): null {
  truncateSync(path, 700e6);
  return null;
}

const FILE = '.r0.json';
const JSON_OUT = '.output.json';
/** A field of the file replaced by other text, which need not be JSON. */
const field = (name: string, value: string) => (text: string) =>
  text.replace(new RegExp(`("${name}":\\s*\\[?)[^,\\]}]+`), `$1${value}`);

test('as they are, both are valid', async () => {
  const env = { PATH: process.env['PATH'] ?? '', STAND_IN_STATE: folder('state-') };
  const made = async (more: object) =>
    (await carryOut([point('measures', 8, more)], { directory: folder('run-'), env })).directory;
  runs.resident = await made({});
  runs.stock = await made({ driver: 'stock' });
  expect(reportOf('resident', {})).toMatchObject({ record: { state: 'valid', reasons: [] }, notes: [] });
  expect(reportOf('stock', {})).toMatchObject({ record: { state: 'valid', reasons: [] }, notes: [] });
});

describe('a spoiled file of the resident driver', () => {
  test.each([
    ['truncated', (text: string) => text.slice(0, text.length / 2), 'not JSON, perhaps torn'],
    ['empty', () => '', 'empty'],
    ['of another protocol', field('protocol', '2'), 'written in protocol 2'],
    ['NaN', field('elapsed_s', 'NaN'), 'not JSON'],
    ['1e309', field('elapsed_s', '1e309'), 'elapsed_s'],
    ['a time of nearly nothing', field('elapsed_s', '5e-324'), 'elapsed_s: 5e-324 is no duration'],
    ['a negative time', field('elapsed_s', '-1'), 'elapsed_s'],
    ['negative tokens', field('output_tokens', '-4'), 'requests.output_tokens.0: -4 is negative'],
    ['a huge timestamp', field('queued_ts', '1e308'), 'requests.queued_ts.0: 1e+308 is no count and no time'],
    ['a block of 0 tokens', field('block_size', '0'), 'engine: 0 is no value for block_size'],
    ['a column that is too short', field('cached_tokens', ''), ''],
  ])('%s: failed, with the reason', (_name, change, says) => {
    const record = recordOf('resident', { [FILE]: change });
    expect(record.state).toBe('failed');
    expect(record.reasons).toMatchObject([{ code: 'unreadable-result', message: expect.stringContaining(says) }]);
  });

  test.each([
    ['a job that nobody planned', field('job_id', '"forged"'), 'other-job'],
    ['another repeat', field('repeat', '7'), 'other-job'],
    ['half the time', field('elapsed_s', '1'), 'result-lines'],
    ['more tokens', field('output_tokens', '5'), 'output-tokens'],
  ])('%s: invalid, with the reason', (_name, change, code) => {
    const { state, reasons } = recordOf('resident', { [FILE]: change });
    expect(state).toBe('invalid');
    expect(reasons.map((reason) => reason.code)).toContain(code);
  });
});

describe('what is no file of that kind at all', () => {
  const naming = (file: string) => (text: string) => text.replace(/"file": ?"[^"]+"/, `"file": "${file}"`);

  test.each([
    ['..', '..'],
    ['.', '.'],
    ['../..', '..'],
    ['', '""'],
    ['/', '""'],
  ])('a driver that says it wrote "%s": failed, with the reason', (file, said) => {
    expect(recordOf('resident', { 'stdout.log': naming(file) })).toMatchObject({
      state: 'failed',
      reasons: [{ code: 'unreadable-result', message: `${said}: is a folder` }],
    });
  });

  test.each([
    ['resident', FILE, folderInstead, 'unreadable-result', 'is a folder'],
    ['resident', FILE, huge, 'unreadable-result', '700000000 bytes'],
    ['resident', 'stdout.log', folderInstead, 'no-result', "the attempt's stdout.log is a folder"],
    ['stock', JSON_OUT, folderInstead, 'unreadable-result', 'is a folder'],
    ['stock', JSON_OUT, huge, 'unreadable-result', '700000000 bytes'],
    ['stock', 'stdout.log', folderInstead, 'no-result', "the attempt's stdout.log is a folder"],
  ] as const)('%s, %s: failed, with the reason', (driver, name, change, code, says) => {
    const record = recordOf(driver, { [name]: change });
    expect(record).toMatchObject({ state: 'failed', reasons: [{ code, message: expect.stringContaining(says) }] });
  });

  test('a stderr.log that is a folder says nothing, and spoils nothing', () => {
    expect(recordOf('resident', { 'stderr.log': folderInstead }).state).toBe('valid');
    expect(recordOf('stock', { 'stderr.log': folderInstead }).reasons).toEqual([]);
  });
});

describe('a log that contradicts itself', () => {
  const section = (text: string) =>
    /^\[orchestrate\] \{"event": ?"job_begin"[\s\S]*"job_end".*\n/m.exec(text)?.[0] ?? '';
  const another = (text: string) => section(text).replace(/^Throughput: \S+/m, 'Throughput: 9.99');

  test.each([
    ['the same measurement twice', (text: string) => text + section(text)],
    ['again with another figure', (text: string) => text + another(text)],
    ['before it with another figure', (text: string) => another(text) + text],
    ['begun again, and cut off', (text: string) => text + section(text).split('\n')[0]],
  ])('%s: invalid', (_name, change) => {
    const { state, reasons } = recordOf('resident', { 'stdout.log': change });
    expect(state).toBe('invalid');
    expect(reasons).toContainEqual({
      code: 'repeated-lines',
      message: expect.stringMatching(/^measured 2 times in one log: lines \d+ to \d+, \d+ to \d+$/),
    });
  });

  test('a measurement that nobody asked for changes nothing, and is told', () => {
    const stranger = (text: string) => text + section(text).replaceAll(/"job": ?"[^"]+"/g, '"job": "forged"');
    const { record, notes } = reportOf('resident', { 'stdout.log': stranger });
    expect(record.state).toBe('valid');
    expect(notes).toEqual([
      expect.stringMatching(/0001_.*stdout.log tells of 1 measurement .* of job forged, repeat 0 \(line \d+\)/),
    ]);
  });

  test('a repeat that nobody asked for, too', () => {
    const stranger = (text: string) => text + section(text).replaceAll(/"repeat": ?0/g, '"repeat": 5');
    expect(reportOf('resident', { 'stdout.log': stranger }).notes).toHaveLength(1);
  });

  test.each(['resident', 'stock'] as const)('%s: lines of the driver that cannot be read are told', (driver) => {
    const torn = (text: string) => `${text}[orchestrate] {"event": "job_en\n[orchestrate] 7\n`;
    const { record, notes } = reportOf(driver, { 'stdout.log': torn });
    expect(record.state).toBe('valid');
    expect(notes).toEqual([expect.stringMatching(/stdout.log has 2 lines of its driver .* first line \d+: /)]);
  });
});

test('a journal that is lost while the evidence is whole: the record says what is known', () => {
  for (const driver of ['resident', 'stock'] as const) {
    expect(recordOf(driver, { 'events.jsonl': () => '' })).toMatchObject({
      state: 'not-run',
      reasons: [
        { code: 'not-run', message: expect.stringMatching(/^not counted: there is evidence in attempts\/0001_/) },
      ],
    });
  }
});

describe('a spoiled log', () => {
  const begins = '[orchestrate] {"event": "job_begin"';
  test.each([
    [
      'result lines twice',
      (text: string) => text.replace(/^Throughput:.*\n/m, (line) => line + line),
      'repeated-lines',
    ],
    ['no result lines', (text: string) => text.replaceAll(/^Throughput:.*\n/gm, ''), 'no-result-lines'],
    ['nan', (text: string) => text.replace(/^Throughput: \S+/m, 'Throughput: nan'), 'no-result-lines'],
    ['another figure', (text: string) => text.replace(/^Throughput: \d/m, 'Throughput: 9'), 'result-lines'],
    [
      'a line that imitates a result, later',
      (text: string) =>
        text.replace(
          /^(Throughput:.*\n)/m,
          '$1Throughput: 9.00 requests/s, 9.00 total tokens/s, 9.00 output tokens/s\n',
        ),
      'repeated-lines',
    ],
  ])('%s: invalid', (_name, change, code) => {
    const { state, reasons } = recordOf('resident', { 'stdout.log': change });
    expect(state).toBe('invalid');
    expect(reasons.map((reason) => reason.code)).toContain(code);
  });

  test.each([
    ['gone', () => ''],
    ['of a job that nobody planned', (text: string) => text.replaceAll(/"job": ?"[^"]+"/g, '"job": "forged"')],
  ])('%s: failed, since nothing there is of this job', (_name, change) => {
    const { state, reasons } = recordOf('resident', { 'stdout.log': change });
    expect(state).toBe('failed');
    expect(reasons).toMatchObject([{ code: 'no-result', message: expect.stringContaining('lacks its lines') }]);
  });

  test('a quotation of a result in the middle of a line changes nothing', () => {
    const quoting = (text: string) => text.replace(begins, `INFO someone said Throughput: 9.00 requests/s\n${begins}`);
    expect(recordOf('resident', { 'stdout.log': quoting }).state).toBe('valid');
  });
});

describe("a spoiled result of vLLM's own benchmark", () => {
  test.each([
    ['truncated', (text: string) => text.slice(0, 20)],
    ['NaN', field('elapsed_time', 'NaN')],
    ['Infinity', field('elapsed_time', 'Infinity')],
    ['1e309', field('requests_per_second', '1e309')],
    ['a time of nearly nothing', field('elapsed_time', '5e-324')],
    ['negative', field('total_num_tokens', '-3')],
  ])('%s: failed, with the reason', (_name, change) => {
    const record = recordOf('stock', { [JSON_OUT]: change });
    expect(record).toMatchObject({ state: 'failed', reasons: [{ code: 'unreadable-result' }] });
  });

  test.each([
    ['requests', field('num_requests', '3'), 'request-count'],
    ['a rate', field('requests_per_second', '77'), 'result-lines'],
  ])('%s: invalid', (_name, change, code) => {
    const { state, reasons } = recordOf('stock', { [JSON_OUT]: change });
    expect(state).toBe('invalid');
    expect(reasons.map((reason) => reason.code)).toContain(code);
  });
});

describe('whatever is in the files, there is a record and no crash', () => {
  const number = fc.constantFrom(
    'NaN',
    'Infinity',
    '1e309',
    '-1',
    '1e308',
    '5e-324',
    '0',
    '-0',
    '9e15',
    '1e-7',
    'null',
  );
  const numbersOf = fc.tuple(fc.nat(), number).map(([at, value]) => (text: string) => {
    const found = [...text.matchAll(/-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g)];
    const hit = found[at % Math.max(1, found.length)];
    return hit === undefined ? text : text.slice(0, hit.index) + value + text.slice(hit.index + hit[0].length);
  });
  const bytes = fc.uint8Array({ maxLength: 2000 }).map((array) => () => array);
  const cut = fc.nat().map((at) => (text: string) => text.slice(0, at % (text.length + 1)));
  const twice = fc.constant((text: string) => text + text);
  const change = fc.oneof(numbersOf, numbersOf, numbersOf, bytes, cut, twice);
  const names = fc.constantFrom(FILE, JSON_OUT, 'stdout.log', 'stderr.log');

  test.each(['resident', 'stock'] as const)('%s', (driver) => {
    fc.assert(
      fc.property(names, change, (name, spoil) => {
        const { state, reasons } = recordOf(driver, { [name]: spoil });
        expect(['valid', 'invalid', 'failed']).toContain(state);
        if (state !== 'valid') expect(reasons.length).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });
});
