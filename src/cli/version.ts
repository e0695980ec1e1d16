import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPackageRoot } from '../environment/package-files.ts';

/** The version of this package. */
export function packageVersion(): string {
  const text = readFileSync(join(findPackageRoot(), 'package.json'), 'utf8');
  return String((JSON.parse(text) as { version: unknown }).version);
}
