import type { SetupContext, SetupEvent } from '../../environment/setup-context.ts';
import type { Shell } from '../shell.ts';
import type { Workspace } from '../workspace.ts';
import { liveArea } from './live-area.ts';
import { duration } from './words.ts';

/** What setup needs, with its progress shown on stderr: a line a step, and the last word of a long one on a terminal. */
export function setupContext(shell: Shell, { tools, packageRoot }: Workspace, signal: AbortSignal): SetupContext {
  let detail = '';
  const area = liveArea(shell.stderr, shell.env, () => detail);
  return {
    ...{ tools, packageRoot, signal },
    env: shell.env,
    now: () => performance.now(),
    report: (event) => {
      detail = event.kind === 'progress' ? `  ${event.detail}`.slice(0, (shell.stderr.columns ?? 80) - 1) : '';
      const text = sentence(event);
      if (text !== null) area.print(`${text}\n`);
      area.refresh();
    },
  };
}

function sentence(event: SetupEvent): string | null {
  switch (event.kind) {
    case 'step-started':
      return `  ${event.title}${event.detail === null ? '' : ` (${event.detail})`} ...`;
    case 'step-done':
      return `  ${event.title}: done in ${duration(event.seconds)}`;
    case 'note':
      return `  ${event.message}`;
    case 'progress':
      return null;
  }
}
