import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { follow } from '../../src/journal/follow.ts';
import { emptyFolder } from './folder.ts';

/** A file that grows, and its follower. */
function growing() {
  const path = join(emptyFolder(), 'stdout.log');
  writeFileSync(path, '');
  const follower = follow(path);
  onTestFinished(() => follower.close());
  return {
    follower: { read: (final?: boolean) => [...follower.read(final)] },
    grow: (more: string | Uint8Array) => appendFileSync(path, more),
  };
}

describe('following a file', () => {
  test('gives each whole line once, when it is whole', () => {
    const { follower, grow } = growing();
    expect(follower.read()).toEqual([]);
    grow('one\ntwo\nthr');
    expect(follower.read()).toEqual(['one', 'two']);
    expect(follower.read()).toEqual([]);
    grow('ee\n');
    expect(follower.read()).toEqual(['three']);
  });

  test('gives an unfinished line at the end only', () => {
    const { follower, grow } = growing();
    grow('one\nlast');
    expect(follower.read()).toEqual(['one']);
    expect(follower.read(true)).toEqual(['last']);
    expect(follower.read(true)).toEqual([]);
  });

  test('keeps empty lines, and drops the carriage return of a Windows line', () => {
    const { follower, grow } = growing();
    grow('a\r\n\r\n\nb\n');
    expect(follower.read()).toEqual(['a', '', '', 'b']);
  });

  test('is not disturbed by a character that is written in two halves', () => {
    const { follower, grow } = growing();
    const bytes = Buffer.from('größe 模型 😀\n');
    for (const byte of bytes) {
      grow(Uint8Array.of(byte));
      const lines = follower.read();
      expect(lines).toEqual(byte === 0x0a ? ['größe 模型 😀'] : []);
    }
  });

  test('gives the same lines however the writing was cut', () => {
    const text = fc
      .array(fc.constantFrom('a', 'é', '😀', '\n', '\n', 'xyz', ' '), { maxLength: 60 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, fc.array(fc.nat({ max: 20 }), { maxLength: 20 }), (whole, cuts) => {
        const { follower, grow } = growing();
        const bytes = Buffer.from(whole);
        const lines: string[] = [];
        let from = 0;
        for (const cut of [...cuts, bytes.length]) {
          grow(bytes.subarray(from, from + cut));
          from += cut;
          lines.push(...follower.read());
        }
        lines.push(...follower.read(true));
        const expected = whole.split('\n');
        expect(lines).toEqual(expected.at(-1) === '' ? expected.slice(0, -1) : expected);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a progress bar, which overwrites itself with carriage returns', () => {
  test('is the last state of its line', () => {
    const { follower, grow } = growing();
    grow('Loading:  10%\rLoading:  50%\rLoading: 100%\nnext\n');
    expect(follower.read()).toEqual(['Loading: 100%', 'next']);
  });

  test('is no line while it runs', () => {
    const { follower, grow } = growing();
    grow(' 10%\r');
    expect(follower.read()).toEqual([]);
    grow(' 20%\r 30%');
    expect(follower.read()).toEqual([]);
    grow('\r100%\r\n');
    expect(follower.read()).toEqual(['100%']);
  });

  test('shows its last state when the file ends in it', () => {
    const { follower, grow } = growing();
    grow(' 10%\r 70%');
    expect(follower.read(true)).toEqual([' 70%']);
    grow(' 10%\r 80%\r');
    expect(follower.read(true)).toEqual([' 80%']);
  });
});

describe('a line that never ends', () => {
  test('comes in pieces, and nothing of it is lost', () => {
    const { follower, grow } = growing();
    const pieces: string[] = [];
    for (let i = 0; i < 20; i += 1) {
      grow('x'.repeat(50_000));
      pieces.push(...follower.read());
    }
    grow('\nafter\n');
    pieces.push(...follower.read());
    expect(pieces.at(-1)).toBe('after');
    expect(pieces.slice(0, -1).join('')).toHaveLength(1_000_000);
    expect(pieces.length).toBeGreaterThan(2);
  });

  test('is not longer in one piece than two reads of the file', () => {
    const { follower, grow } = growing();
    grow('x'.repeat(3_000_000));
    const lengths = follower.read().map((piece) => piece.length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(2 * 64 * 1024);
  });
});

describe('a writer that is faster than its reader', () => {
  test('does not hold it: a look ends after a few MiB, and nothing is lost', () => {
    const { follower, grow } = growing();
    grow(`${'x'.repeat(1023)}\n`.repeat(16 * 1024));
    const looks = Array.from({ length: 5 }, () => follower.read().length);
    // 16 MiB of lines of 1 KiB, 4 MiB a look.
    expect(looks).toEqual([4096, 4096, 4096, 4096, 0]);
  });

  test('is read to its end when it has ended', () => {
    const { follower, grow } = growing();
    grow(`${'x'.repeat(1023)}\n`.repeat(6 * 1024));
    expect(follower.read(true)).toHaveLength(6 * 1024);
  });
});
