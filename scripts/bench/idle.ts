import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ORCHESTRATE, ROOT } from './measure.ts';

const SETTLE_SECONDS = 10;
const SECONDS = 60;
/** Of proc_pid_stat(5), on every Linux of today. */
const TICKS_A_SECOND = 100;

export interface Idle {
  /** Of one core. */
  readonly percent: number;
  readonly mebibytes: number;
}

/** What the built command costs while its engine loads, for a minute; Linux only. */
export async function measureIdle(folder: string, terminal: boolean): Promise<Idle> {
  const programs = join(ROOT, 'fixtures', 'programs');
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  copyFileSync(join(programs, 'python-without-vllm'), join(bin, 'python3'));
  chmodSync(join(bin, 'python3'), 0o755);
  const definition = join(folder, 'idle.yaml');
  writeFileSync(definition, LOADS_FOR_EVER);
  const output = join(folder, terminal ? 'on-terminal' : 'without');
  const words = [process.execPath, ORCHESTRATE, 'run', definition, '--output-dir', output];
  const command = [...words, '--python', join(programs, 'stand-in-python')];
  const env = {
    ...{ PATH: `${bin}:/usr/bin:/bin`, HOME: folder, ORCHESTRATE_HOME: join(folder, 'tools'), TERM: 'xterm' },
    ...{ STAND_IN_NODE: process.execPath, STAND_IN_PYTHON: '/usr/bin/python3', STAND_IN_STATE: folder },
  };
  const [file = '', ...args] = terminal ? ['script', '-qfec', `exec ${command.join(' ')}`, '/dev/null'] : command;
  const child = spawn(file, args, { env, cwd: folder, stdio: ['pipe', 'ignore', 'ignore'] });
  try {
    await sleep(SETTLE_SECONDS * 1000);
    const pid = orchestratorOf(child);
    const [ticks, since] = [ticksOf(pid), performance.now()];
    await sleep(SECONDS * 1000);
    const percent = ((ticksOf(pid) - ticks) / TICKS_A_SECOND / ((performance.now() - since) / 1000)) * 100;
    const kibibytes = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
    process.kill(pid, 'SIGTERM');
    return { percent, mebibytes: kibibytes / 1024 };
  } finally {
    if (child.exitCode === null) await Promise.race([new Promise((done) => child.once('exit', done)), sleep(30_000)]);
    child.kill('SIGKILL');
  }
}

const LOADS_FOR_EVER = `standalone_runs:
  - {name: idle, mode: vllm_throughput, model: stand-in/hangs-at-start, num_prompts: 4,
     length_configs: [{input_len: 8, output_len: 4}]}
`;

/** The child itself, or below `script` the one that it runs. */
function orchestratorOf({ pid }: ChildProcess): number {
  const isIt = (candidate: string) => readFileSync(`/proc/${candidate}/cmdline`, 'utf8').startsWith(process.execPath);
  const below = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  const found = [String(pid), ...below].find((candidate) => candidate !== '' && isIt(candidate));
  if (found === undefined) throw new Error('the command does not run');
  return Number(found);
}

function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[14 - 3]) + Number(fields[15 - 3]);
}
