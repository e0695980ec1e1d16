/** What a suite came to. `trouble` says why it did not run as a whole; a suite that did not run is a failure. */
export interface SuiteResult {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly string[];
  readonly trouble: string | null;
}

export interface Suite {
  readonly name: string;
  run(): Promise<SuiteResult>;
}

export function suiteTrouble(name: string, trouble: string): SuiteResult {
  return { name, passed: 0, failed: 1, skipped: [], trouble };
}

/** `12 passed, 0 failed`, and `, 2 skipped` where there are any. */
export function tallyLine(results: readonly SuiteResult[]): string {
  const sum = (count: (result: SuiteResult) => number) => results.reduce((total, result) => total + count(result), 0);
  const skipped = sum((result) => result.skipped.length);
  const tail = skipped === 0 ? '' : `, ${skipped} skipped`;
  return `${sum((result) => result.passed)} passed, ${sum((result) => result.failed)} failed${tail}`;
}

/** Nothing failed, everything ran and, where `strict`, nothing was skipped. */
export function isGreen(results: readonly SuiteResult[], { strict }: { readonly strict: boolean }): boolean {
  return results.every(
    ({ passed, failed, skipped, trouble }) =>
      failed === 0 && trouble === null && passed + skipped.length > 0 && !(strict && skipped.length > 0),
  );
}
