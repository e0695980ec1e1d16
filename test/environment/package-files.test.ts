import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { findPackageRoot, shipped } from '../../src/environment/package-files.ts';
import { REPOSITORY, temporaryDirectory } from './temporary.ts';

test('from src, the package root is the checkout, and every shipped file is there', () => {
  expect(findPackageRoot()).toBe(REPOSITORY);
  for (const file of [
    'probe',
    'residentDriver',
    'stockDriver',
    'tinyModel',
    'fetchConfig',
    'vllmLock',
    'fontRegular',
    'fontBold',
    'runs',
  ] as const) {
    expect(existsSync(shipped(REPOSITORY, file)), file).toBe(true);
  }
});

test.each(['dist/src/environment/package-files.js', 'src/environment/package-files.ts'])(
  'from %s of an installed package, it is the package and not the project around it',
  (file) => {
    const project = temporaryDirectory();
    const root = join(project, 'node_modules', 'vllm-orchestrate');
    mkdirSync(join(root, file, '..'), { recursive: true });
    writeFileSync(join(project, 'package.json'), '{"name": "somebody"}');
    writeFileSync(join(root, 'package.json'), '{"name": "vllm-orchestrate"}');
    writeFileSync(join(root, file, '..', 'package.json'), '{"type": "module"}');
    expect(findPackageRoot(pathToFileURL(join(root, file)).href)).toBe(root);
  },
);

test('outside of any such package it says so', () => {
  const file = pathToFileURL(join(temporaryDirectory(), 'x.js')).href;
  expect(() => findPackageRoot(file)).toThrow('no package.json of vllm-orchestrate above');
});
