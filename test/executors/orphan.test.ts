import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, type TestContext, test } from 'vitest';
import type { LaunchRequest } from '../../src/executors/executor.ts';
import { markedProcesses } from '../../src/executors/processes.ts';
import { socketFolder, sweepMarkers } from '../../src/executors/sweep.ts';
import { emptyFolder } from '../journal/folder.ts';
import { childOf, isAlive, leavesBehind, requestOf, streamOf, until } from './launches.ts';

const ORCHESTRATOR = fileURLToPath(new URL('./dying-orchestrator.ts', import.meta.url));
/** 10 s are what a launch gets to end in order when its orchestrator has died, and the machine may be busy. */
const PATIENCE_MS = 60_000;

interface Orchestrated {
  readonly request: LaunchRequest;
  readonly orchestrator: ChildProcess;
  readonly keeper: number;
}

/** A process of its own that runs the launch, once that says that it is ready. */
async function orchestrated(context: TestContext, request: LaunchRequest): Promise<Orchestrated> {
  const types = process.features.typescript ? [] : ['--experimental-strip-types'];
  const args = [...types, ORCHESTRATOR, request.directory, request.marker, request.file, ...request.args];
  const orchestrator = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  context.onTestFinished(() => {
    orchestrator.kill('SIGKILL');
  });
  const [line] = await once(orchestrator.stdout as NonNullable<typeof orchestrator.stdout>, 'data');
  await until(() => streamOf(request, 'stdout').startsWith('ready'), 20);
  return { request, orchestrator, keeper: Number(String(line)) };
}

async function kill({ orchestrator }: Orchestrated, signal: NodeJS.Signals): Promise<void> {
  orchestrator.kill(signal);
  await once(orchestrator, 'exit');
}

function residentBytes(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

describe.runIf(process.platform === 'linux').concurrent('when the orchestrator is killed', () => {
  for (const signal of ['SIGKILL', 'SIGTERM'] as const)
    test(`with ${signal}, a launch reads the end of its stdin and can stop`, {
      timeout: PATIENCE_MS,
    }, async (context) => {
      const one = await orchestrated(
        context,
        requestOf('waits-for-eof', [], { directory: emptyFolder(context.onTestFinished) }),
      );
      await kill(one, signal);
      await until(() => streamOf(one.request, 'stdout').startsWith('ready\nread the end\n'));
      await until(() => markedProcesses([one.request.marker]).length === 0);
    });

  // Alone: the keeper, the launch, and nobody to start anything again.
  test('a grandchild that went away, is deaf and holds 1 GB is gone within 20 s', {
    timeout: PATIENCE_MS,
  }, async (context) => {
    const { expect } = context;
    const one = await orchestrated(context, leavesBehind(context, 'stays', 'setsid', 'orphan', 'deaf', '1GB'));
    const child = childOf(one.request);
    expect(residentBytes(child)).toBeGreaterThan(2 ** 30);
    await kill(one, 'SIGKILL');
    await until(() => !isAlive(child), 20);
    await until(() => !isAlive(one.keeper), 2);
    nothingIsLeft(expect, one.request);
  });

  test('and its launch is deaf to everything, even without a marker', { timeout: PATIENCE_MS }, async (context) => {
    const { expect } = context;
    const one = await orchestrated(context, leavesBehind(context, 'deaf', 'setsid', 'orphan', 'deaf', 'no-marker'));
    const child = childOf(one.request);
    await kill(one, 'SIGKILL');
    await until(() => !isAlive(one.keeper), 20);
    expect(isAlive(child)).toBe(false);
    nothingIsLeft(expect, one.request);
  });

  test('and the keeper with it, the next sweep ends what is left', { timeout: PATIENCE_MS }, async (context) => {
    const { expect } = context;
    const one = await orchestrated(context, leavesBehind(context, 'deaf', 'setsid', 'orphan', 'deaf'));
    process.kill(one.keeper, 'SIGSTOP'); // so that it cannot do anything about the death of the other
    await kill(one, 'SIGKILL');
    process.kill(one.keeper, 'SIGKILL');
    await until(() => !isAlive(one.keeper));
    const left = markedProcesses([one.request.marker]).filter(({ command }) => command.includes('leaves-behind.py'));
    expect(left).toHaveLength(2); // the command and its child
    expect(existsSync(folderFor(one.request))).toBe(true);
    const swept = await sweepMarkers([one.request.marker], { patienceSeconds: 0.5 });
    expect(swept.ended).toBeGreaterThanOrEqual(2); // the sampler ends by itself, when its stdin does
    expect(swept.leftBehind).toEqual([]);
    nothingIsLeft(expect, one.request);
  });
});

function nothingIsLeft(expect: TestContext['expect'], request: LaunchRequest): void {
  expect(markedProcesses([request.marker])).toEqual([]);
  expect(existsSync(folderFor(request))).toBe(false);
}

function folderFor({ marker }: LaunchRequest): string {
  return join(tmpdir(), socketFolder(marker));
}
