import { Refusal } from '../errors/refusal.ts';

/** `devices:` of the run definition; null where it names none. */
export type Asked = readonly string[] | null;

/** A device under the name by which an engine is held to it. */
export interface Named {
  readonly id: string;
  /** What kind it is. */
  readonly name: string;
}

/**
 * Those of the devices that are there which the run definition names, in its order; all where it names none.
 * `otherwise` finds one by another name.
 *
 * @throws Refusal when one is not there, stands twice, or is of another kind than the first
 */
export function chosenOf<T extends Named>(
  there: readonly T[],
  asked: Asked,
  otherwise: (id: string) => T | undefined = () => undefined,
): readonly T[] {
  if (asked === null) return there;
  const found = asked.map((id) => there.find((device) => device.id === id) ?? otherwise(id));
  const missing = asked.filter((_, index) => found[index] === undefined);
  if (missing.length > 0) {
    const ids = there.map(({ id }) => id).join(', ') || 'none';
    throw new Refusal(
      'host',
      `devices: there is no ${missing.join(', ')} on this host, which has ${ids}`,
      'name some of those that are there, or leave devices out to use them all',
    );
  }
  refuseTwice(asked);
  const chosen = found.filter((device) => device !== undefined);
  const other = chosen.find(({ name }) => name !== chosen[0]?.name);
  if (other !== undefined) {
    throw new Refusal(
      'host',
      `devices: ${chosen[0]?.id} is ${chosen[0]?.name}, but ${other.id} is ${other.name}`,
      'a run measures one kind of device; write a run definition for each',
    );
  }
  return chosen;
}

/** @throws Refusal when a name stands twice: two launches would share a device */
export function refuseTwice(asked: readonly string[]): void {
  const twice = asked.find((id, index) => asked.indexOf(id) < index);
  if (twice !== undefined) throw new Refusal('host', `devices: ${twice} stands there twice`, 'name each device once');
}
