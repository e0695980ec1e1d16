import { modeById } from '../../src/modes/index.ts';
import type { CommandSpec, Tools } from '../../src/modes/mode.ts';
import { remaining } from '../../src/plan/remaining.ts';
import type { Facts } from '../../src/schema/facts.ts';
import { NO_FACTS, planOf } from '../plan/plans.ts';

const TOOLS: Tools = {
  python: '/env/bin/python',
  driver: (name) => `/pkg/drivers/${name}`,
  modelPath: (model) => (model === 'builtin:tiny' ? '/home/u/tiny' : model),
};
export const DIRECTORY = '/out/attempts/1_a';

/** The command of each launch of a run definition, with everything still to be measured. */
export function commandsOf(text: string, facts: Partial<Facts> = {}): CommandSpec[] {
  const all = { ...NO_FACTS, ...facts };
  return remaining(planOf(text, all), []).map(({ launch, wanted }) =>
    modeById('vllm_throughput').command(launch, wanted, DIRECTORY, TOOLS, all),
  );
}

export function commandOf(text: string, facts: Partial<Facts> = {}): CommandSpec {
  const [command, ...others] = commandsOf(text, facts);
  if (command === undefined || others.length > 0) throw new Error(`${others.length + 1} commands`);
  return command;
}

/** The flags after `--`, each with its words. */
export function flagsOf(command: CommandSpec): readonly string[] {
  const words = command.args.slice(command.args.indexOf('--') + 1);
  return words.join(' ').split(/ (?=--)/);
}
