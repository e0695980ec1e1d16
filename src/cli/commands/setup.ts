import { acceleratorsOfHost } from '../../environment/accelerators.ts';
import { runSetup, setupAdvice } from '../../environment/setup.ts';
import { EXIT, type ExitCode, Refusal } from '../../errors/refusal.ts';
import { refusalOf, withSetup } from '../ready.ts';
import type { Shell } from '../shell.ts';
import { workspaceOf } from '../workspace.ts';

/** The CPU build of vLLM in an environment of our own, and the tiny model; what is there is not made again. */
export async function setupCommand(options: { cpu?: boolean }, shell: Shell): Promise<ExitCode> {
  const workspace = workspaceOf(shell);
  const found = acceleratorsOfHost(shell.env);
  const advice = setupAdvice(found);
  if (advice.kind === 'offer' && !options.cpu) {
    throw new Refusal(
      'host',
      `this host has accelerators (${found[0]?.sign}); the CPU build of vLLM is of no use to them`,
      advice.remedy,
    );
  }
  await withSetup(shell, workspace, async (context) => {
    const result = await runSetup(context);
    if (result.kind === 'failed') throw refusalOf(result);
    shell.stdout.write(`ready: ${result.python}\n`);
  });
  return EXIT.ok;
}
