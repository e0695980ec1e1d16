import type { AcceleratorSpec } from '../schema/hardware.ts';
import type { Problem } from './problem.ts';
import type { YamlSource } from './yaml-source.ts';

/** What a schema cannot see of the accelerators that a user adds. */
export function acceleratorProblems(accelerators: readonly AcceleratorSpec[], source: YamlSource): Problem[] {
  return accelerators.flatMap(({ id, names }, index) => {
    const path = ['accelerators', index];
    const first = accelerators.findIndex((other) => other.id === id);
    const twin = {
      ...source.place([...path, 'id']),
      message: `the id ${JSON.stringify(id)} is taken by the accelerator at line ${source.place(['accelerators', first, 'id']).line}`,
      hint: 'give every accelerator an id of its own',
    };
    const unreadable = names.flatMap((name, at): Problem[] => {
      const why = notAnExpression(name);
      if (why === null) return [];
      const hint = 'names are regular expressions: write \\( for a bracket that is meant as one';
      return [{ ...source.place([...path, 'names', at]), message: `names[${at}]: ${why}`, hint }];
    });
    return [...(first < index ? [twin] : []), ...unreadable];
  });
}

function notAnExpression(text: string): string | null {
  try {
    new RegExp(text, 'i');
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
