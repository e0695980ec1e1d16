import { diagnose } from '../../environment/doctor.ts';
import { EXIT, type ExitCode } from '../../errors/refusal.ts';
import type { Shell } from '../shell.ts';
import { renderDoctor } from '../views/doctor.ts';
import { wantsColour } from '../views/style.ts';
import { outputDirectory, workspaceOf } from '../workspace.ts';

export interface DoctorOptions {
  readonly python?: string;
  readonly json?: boolean;
}

/** Looks, and changes nothing. Exit code 5 when a run would not start. */
export async function doctorCommand(options: DoctorOptions, shell: Shell): Promise<ExitCode> {
  const { packageRoot, tools } = workspaceOf(shell);
  const controller = new AbortController();
  const release = shell.onStop((signal) => controller.abort(signal));
  try {
    const checks = await diagnose({
      ...{ packageRoot, tools, env: shell.env, cwd: shell.cwd, command: shell.command, signal: controller.signal },
      outputDirectory: outputDirectory(undefined, null, '.', shell),
      given: options.python ?? null,
    });
    if (options.json) shell.stdout.write(`${JSON.stringify(checks, null, 2)}\n`);
    else shell.stdout.write(renderDoctor(checks, { color: wantsColour(shell.stdout, shell.env) }));
    return checks.some(({ status }) => status === 'fail') ? EXIT.hostRefuses : EXIT.ok;
  } finally {
    release();
  }
}
