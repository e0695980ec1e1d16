import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { markedProcesses } from '../../src/executors/processes.ts';
import { requestOf, streamOf, until } from './launches.ts';

const ORCHESTRATOR = fileURLToPath(new URL('./dying-orchestrator.ts', import.meta.url));

describe.runIf(process.platform === 'linux')('when the orchestrator is killed', () => {
  test.each(['SIGKILL', 'SIGTERM'] as const)(
    'with %s, a launch reads the end of its stdin and can stop',
    async (signal) => {
      const request = requestOf('waits-for-eof');
      const types = process.features.typescript ? [] : ['--experimental-strip-types'];
      const args = [...types, ORCHESTRATOR, request.directory, request.marker, request.file, ...request.args];
      const orchestrator = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      onTestFinished(() => {
        orchestrator.kill('SIGKILL');
        for (const { pid } of markedProcesses(request.marker)) process.kill(pid, 'SIGKILL');
      });
      await until(() => streamOf(request, 'stdout') === 'ready\n', 20);
      // As long as the orchestrator lives, there is no end to read.
      expect(markedProcesses(request.marker).length).toBeGreaterThan(0);

      orchestrator.kill(signal);
      await once(orchestrator, 'exit');
      await until(() => streamOf(request, 'stdout') === 'ready\nread the end\n');
      await until(() => markedProcesses(request.marker).length === 0);
    },
  );
});
