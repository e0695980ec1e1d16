import { existsSync } from 'node:fs';
import { access, constants, statfs } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';
import type { Accelerator } from './accelerators.ts';
import { ask } from './ask.ts';
import type { DoctorCheck, DoctorInput } from './doctor.ts';
import { onPath } from './on-path.ts';
import { shipped } from './package-files.ts';

const LITTLE_DISK_BYTES = 10e9;

/** What the host has, whatever Python is chosen. */
export async function hostChecks(
  accelerators: readonly Accelerator[],
  isCpu: boolean,
  input: DoctorInput,
): Promise<DoctorCheck[]> {
  const { env, packageRoot, tools, outputDirectory } = input;
  return [
    node(),
    await acceleratorCheck(accelerators, input),
    processor(),
    await folder('tools', 'Tools directory', tools),
    await folder('output', 'Output directory', outputDirectory),
    fonts(packageRoot),
    compiler(env, isCpu),
    ...(isCpu ? [tcmalloc(env)] : []),
  ];
}

function node(): DoctorCheck {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const detail = `${process.versions.node} at ${process.execPath}`;
  const isNewEnough = major > 22 || (major === 22 && minor >= 13);
  const remedy = isNewEnough ? null : 'install Node.js 24';
  return { id: 'node', title: 'Node', status: isNewEnough ? 'ok' : 'fail', detail, remedy };
}

async function acceleratorCheck(signs: readonly Accelerator[], { env, signal }: DoctorInput): Promise<DoctorCheck> {
  const common = { id: 'accelerators', title: 'Accelerators' };
  if (signs.length === 0) return { ...common, status: 'absent', detail: 'none: engines run on the CPU', remedy: null };
  const seen = signs.map(({ kind, sign }) => `${kind} (${sign})`).join(', ');
  if (signs.every(({ kind }) => kind !== 'cuda')) return { ...common, status: 'ok', detail: seen, remedy: null };
  const result = await ask('nvidia-smi', ['-L'], env, signal);
  // GPU 0: NVIDIA H200 (UUID: GPU-...)
  const gpus = (result.stdout ?? '').split('\n').filter((line) => /^GPU \d+: /.test(line));
  const names = gpus.map((line) => line.replace(/ \(UUID: .*/, '')).join(', ');
  if (gpus.length > 0) return { ...common, status: 'ok', detail: names, remedy: null };
  return { ...common, status: 'warn', detail: `${seen}, and nvidia-smi names no GPU`, remedy: 'nvidia-smi' };
}

function processor(): DoctorCheck {
  const model = cpus()[0]?.model.trim() ?? 'unknown model';
  const detail = `${availableParallelism()} cores (${model}), ${Math.round(totalmem() / 2 ** 30)} GiB of memory`;
  return { id: 'cpu', title: 'CPU and memory', status: 'ok', detail, remedy: null };
}

async function folder(id: string, title: string, path: string): Promise<DoctorCheck> {
  // A folder that is not there yet is made in the nearest one that is.
  let existing = path;
  while (!existsSync(existing) && existing !== dirname(existing)) existing = dirname(existing);
  const writable = await access(existing, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!writable) {
    const remedy = id === 'tools' ? 'export ORCHESTRATE_HOME=<a folder of yours>' : 'name another with --output-dir';
    return { id, title, status: 'fail', detail: `${path}: ${existing} cannot be written`, remedy };
  }
  const { bavail, bsize } = await statfs(existing);
  const free = bavail * bsize;
  const detail = `${path}, ${(free / 1e9).toFixed(0)} GB free`;
  if (free >= LITTLE_DISK_BYTES) return { id, title, status: 'ok', detail, remedy: null };
  return { id, title, status: 'warn', detail, remedy: `make room on the disk of ${existing}` };
}

function fonts(packageRoot: string): DoctorCheck {
  const missing = (['fontRegular', 'fontBold'] as const)
    .map((name) => shipped(packageRoot, name))
    .filter((file) => !existsSync(file));
  const common = { id: 'fonts', title: 'Fonts of the charts' };
  if (missing.length === 0) return { ...common, status: 'ok', detail: 'bundled', remedy: null };
  return { ...common, status: 'fail', detail: `missing: ${missing.join(', ')}`, remedy: 'install this package again' };
}

/** torch.compile writes C++ on a CPU, and Triton C on a GPU. */
function compiler(env: DoctorInput['env'], isCpu: boolean): DoctorCheck {
  const common = { id: 'compiler', title: 'C++ compiler' };
  const named = env['CXX'];
  const path = named === undefined ? (onPath('g++', env) ?? onPath('clang++', env)) : (onPath(named, env) ?? named);
  if (path !== null) return { ...common, status: 'ok', detail: path, remedy: null };
  const detail = 'none: vLLM cannot compile, and starts with --enforce-eager only';
  return { ...common, status: isCpu ? 'fail' : 'warn', detail, remedy: 'apt-get install g++' };
}

const TCMALLOC_PLACES = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].flatMap((triplet) =>
  ['libtcmalloc_minimal.so.4', 'libtcmalloc.so.4'].map((name) => `/usr/lib/${triplet}/${name}`),
);

/** vLLM recommends it for CPU engines; it changes numbers, so it is the user's to switch on. */
function tcmalloc(env: DoctorInput['env']): DoctorCheck {
  const common = { id: 'tcmalloc', title: 'tcmalloc' };
  if (/tcmalloc/.test(env['LD_PRELOAD'] ?? '')) return { ...common, status: 'ok', detail: 'preloaded', remedy: null };
  const installed = TCMALLOC_PLACES.find((path) => existsSync(path));
  const remedy = installed === undefined ? 'apt-get install libtcmalloc-minimal4' : `export LD_PRELOAD=${installed}`;
  return {
    ...common,
    status: 'absent',
    detail: 'not preloaded (optional: CPU engines allocate faster with it)',
    remedy,
  };
}
