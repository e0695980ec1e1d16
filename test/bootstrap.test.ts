import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { installProgram, pathWith, REPOSITORY, temporaryDirectory } from './environment/temporary.ts';

// Each test starts the compiler several times, perhaps beside a real engine.
vi.setConfig({ testTimeout: 180_000 });

/** As the real one, without the libraries that take most of the compiler's time. */
const TSCONFIG = {
  compilerOptions: {
    target: 'es2024',
    lib: ['es5'],
    types: [],
    module: 'nodenext',
    rootDir: '.',
    outDir: 'dist',
    sourceMap: true,
  },
  include: ['src', 'parsers', 'reports'],
};

let checkout: string;
let bin: string;

/** A checkout with one source file, on a host with a fitting Node and an npm that installs from this one's modules. */
beforeEach(() => {
  const host = temporaryDirectory();
  checkout = join(host, 'check out');
  bin = join(host, 'bin');
  mkdirSync(checkout);
  for (const file of ['orchestrate', 'scripts/bootstrap.sh', 'package.json']) {
    cpSync(join(REPOSITORY, file), join(checkout, file));
  }
  for (const folder of ['parsers', 'reports']) mkdirSync(join(checkout, folder));
  write('package-lock.json', '{}');
  write('tsconfig.json', JSON.stringify(TSCONFIG));
  write('src/cli/main.ts', 'const said: string = JSON.stringify(process.argv.slice(2));\nconsole.log(said);\n');
  installProgram('npm-that-installs', join(bin, 'npm'));
  symlinkSync(process.execPath, join(bin, 'node'));
});

function write(file: string, text: string): void {
  mkdirSync(join(checkout, file, '..'), { recursive: true });
  writeFileSync(join(checkout, file), text);
}

function environment(): Record<string, string> {
  return {
    PATH: pathWith(bin),
    NPM_CALLS: join(checkout, '..', 'npm-calls'),
    REAL_MODULES: join(REPOSITORY, 'node_modules'),
    REAL_NODE: process.execPath,
  };
}

function orchestrate(args: string[] = [], { command = join(checkout, 'orchestrate'), cwd = checkout, env = {} } = {}) {
  const result = spawnSync(command, args, { cwd, env: { ...environment(), ...env }, encoding: 'utf8' });
  return { stdout: result.stdout, stderr: result.stderr, status: result.status };
}

function npmCalls(): string[] {
  const log = join(checkout, '..', 'npm-calls');
  return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : [];
}

const built = 'orchestrate: building (about 5 s) ...\n';
const installed = 'orchestrate: installing dependencies (about 20 s) ...\n';

test('the first call installs and builds, and passes its arguments on; the second does nothing and says nothing', () => {
  const args = ['run', 'a b.yaml', '--x=$HOME', '*'];
  expect(orchestrate(args)).toEqual({ stdout: `${JSON.stringify(args)}\n`, stderr: installed + built, status: 0 });
  expect(orchestrate(args)).toEqual({ stdout: `${JSON.stringify(args)}\n`, stderr: '', status: 0 });
  expect(npmCalls()).toHaveLength(1);
});

test('through a symbolic link and from another directory', () => {
  const elsewhere = temporaryDirectory();
  mkdirSync(join(elsewhere, 'links'));
  symlinkSync(join(checkout, 'orchestrate'), join(elsewhere, 'links', 'first'));
  symlinkSync(join('links', 'first'), join(elsewhere, 'orchestrate'));
  expect(orchestrate(['x'], { command: './orchestrate', cwd: elsewhere })).toMatchObject({
    stdout: '["x"]\n',
    status: 0,
  });
  expect(orchestrate(['x'], { command: '../links/first', cwd: join(elsewhere, 'links') })).toMatchObject({
    stderr: '',
  });
});

test('a changed, a new and a removed source are built again, one with a new date alone is not', () => {
  orchestrate();
  write('src/cli/main.ts', "console.log('changed');\n");
  // Older than the build: what was taken from a backup is a change all the same.
  utimesSync(join(checkout, 'src/cli/main.ts'), 0, 0);
  expect(orchestrate()).toEqual({ stdout: 'changed\n', stderr: built, status: 0 });

  write('src/more.ts', 'export const more = 1;\n');
  expect(orchestrate().stderr).toBe(built);
  expect(existsSync(join(checkout, 'dist/src/more.js'))).toBe(true);

  rmSync(join(checkout, 'src/more.ts'));
  expect(orchestrate().stderr).toBe(built);
  expect(existsSync(join(checkout, 'dist/src/more.js'))).toBe(false);

  utimesSync(join(checkout, 'src/cli/main.ts'), new Date(), new Date());
  expect(orchestrate().stderr).toBe('');
  rmSync(join(checkout, 'dist'), { recursive: true });
  expect(orchestrate().stderr).toBe(built);
});

test('a changed lock file installs again', () => {
  orchestrate();
  write('package-lock.json', '{"changed": true}');
  rmSync(join(checkout, 'node_modules'), { recursive: true });
  expect(orchestrate().stderr).toBe(installed + built);
  expect(npmCalls()).toHaveLength(2);
});

test('dependencies that somebody installed by hand are taken as they are', () => {
  spawnSync('npm', ['ci'], { cwd: checkout, env: environment() });
  write('node_modules/.package-lock.json', '{}');
  utimesSync(join(checkout, 'package-lock.json'), 0, 0);
  expect(orchestrate().stderr).toBe(built);
  expect(npmCalls()).toHaveLength(1);
});

test('where Node is too old, a fitting one is installed into the checkout, once', () => {
  rmSync(join(bin, 'node'));
  installProgram('node-too-old', join(bin, 'node'));
  write('src/cli/main.ts', "console.log(process.env['PATH']?.split(':')[0]);\n");
  const first = orchestrate();
  expect(first.stderr).toMatch(/^orchestrate: installing Node 24\.\d+\.\d+ for this checkout .*\n/);
  expect(first.stdout).toMatch(/check out\/\.orchestrate\/node\/node_modules\/node-\w+-\w+\/bin\n$/);
  expect(orchestrate()).toEqual({ ...first, stderr: '' });
  expect(npmCalls().map((call) => call.split(' ')[0])).toEqual(['install', 'ci']);
});

test('three at once install and build once', async () => {
  const starts = [1, 2, 3].map(() => spawn(join(checkout, 'orchestrate'), { env: environment(), stdio: 'ignore' }));
  const ends = await Promise.all(starts.map(async (child) => (await once(child, 'exit'))[0]));
  expect(ends).toEqual([0, 0, 0]);
  expect(npmCalls()).toHaveLength(1);
  expect(readdirSync(join(checkout, '.orchestrate'))).not.toContain('lock');
});

test('the lock of a process that died is taken over', () => {
  write('.orchestrate/lock/holder', `4194305 1 ${hostname()}\n`);
  expect(orchestrate()).toMatchObject({ status: 0, stderr: installed + built });
});

test('without a network: what to do, where the log is, and the next call goes on', () => {
  installProgram('npm-without-network', join(bin, 'npm'));
  const failed = orchestrate();
  expect(failed.status).toBe(5);
  expect(failed.stderr).toContain('check the connection or the proxy and run the same command again\n');
  expect(readFileSync(join(checkout, '.orchestrate/logs/install-dependencies.log'), 'utf8')).toContain('EAI_AGAIN');
  installProgram('npm-that-installs', join(bin, 'npm'));
  expect(orchestrate()).toMatchObject({ status: 0, stderr: installed + built });
});

test('a build that fails leaves the last one, and says where the log is', () => {
  orchestrate();
  write('src/cli/main.ts', 'const = ;\n');
  const failed = orchestrate();
  expect(failed.status).toBe(5);
  expect(failed.stderr).toMatch(/main\.ts\(1,7\): error TS/);
  expect(existsSync(join(checkout, 'dist/src/cli/main.js'))).toBe(true);
});
