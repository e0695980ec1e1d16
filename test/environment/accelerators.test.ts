import { expect, test } from 'vitest';
import { findAccelerators } from '../../src/environment/accelerators.ts';
import { setupAdvice } from '../../src/environment/setup.ts';

function host(paths: string[], commands: string[] = [], env: Record<string, string> = {}) {
  return findAccelerators({ env, exists: (path) => paths.includes(path), onPath: (name) => commands.includes(name) });
}

test.each([
  [['/dev/nvidia0'], [], {}, 'cuda', '/dev/nvidia0'],
  [[], ['nvidia-smi'], {}, 'cuda', 'nvidia-smi'],
  [['/dev/kfd'], [], {}, 'rocm', '/dev/kfd'],
  [['/dev/accel0'], [], {}, 'tpu', '/dev/accel0'],
  [['/dev/vfio/0'], [], { TPU_ACCELERATOR_TYPE: 'tpu7x-8' }, 'tpu', '/dev/vfio/0'],
])('%j and %j with %j is a host with %s', (paths, commands, env, kind, sign) => {
  expect(host(paths, commands, env)).toEqual([{ kind, sign }]);
});

test('a device that is handed to a virtual machine is no TPU', () => {
  expect(host(['/dev/vfio/0'])).toEqual([]);
});

test('setup is automatic where there is none, and only offered where there is one', () => {
  expect(setupAdvice(host([]))).toEqual({ kind: 'automatic' });
  const advice = setupAdvice(host(['/dev/nvidia0']), './orchestrate');
  expect(advice).toMatchObject({ kind: 'offer', message: expect.stringContaining('/dev/nvidia0') });
  expect(advice).toMatchObject({ remedy: expect.stringMatching(/--python.*\.\/orchestrate setup --cpu$/) });
});
