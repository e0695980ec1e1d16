import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT, type Step } from './power-cut.ts';

interface FileCall {
  readonly kind: 'open' | 'write' | 'flush' | 'cut' | 'rename' | 'remove' | 'folder';
  readonly path: string | null;
  readonly to?: string | null;
}

const MODULE = fileURLToPath(new URL('../../fixtures/programs/chaos-file-calls.mjs', import.meta.url));

/** Replaces node:fs of this process by one that works, and tells `recorder()` what it is asked to do. */
export async function recordFileCalls(recorder: () => Recorder | null): Promise<void> {
  const { watchFileCalls } = (await import(MODULE)) as {
    watchFileCalls(listener: (call: FileCall, go: () => unknown) => unknown): Promise<void>;
  };
  await watchFileCalls((call, go) => {
    const active = recorder();
    return active === null ? go() : active.carryOut(call, go);
  });
}

/** The list of what was asked of a file system, below one folder. */
export class Recorder {
  readonly steps: Step[] = [];
  readonly #root: string;
  readonly #nodes = new Map<string, number>();
  #last = ROOT;

  constructor(root: string) {
    this.#root = root;
    this.#nodes.set('', ROOT);
  }

  carryOut(call: FileCall, go: () => unknown): unknown {
    if (![call.path, call.to].some((path) => path?.startsWith(this.#root))) return go();
    const result = go();
    if (!(result instanceof Promise)) {
      this.#note(call);
      return result;
    }
    return result.then((value: unknown) => {
      this.#note(call);
      return value;
    });
  }

  #note({ kind, path, to }: FileCall): void {
    const place = relative(this.#root, path ?? '');
    if (kind === 'flush') {
      const node = this.#nodes.get(place);
      if (node !== undefined) this.steps.push({ kind: 'flush', node });
    } else if (kind === 'rename') this.#renamed(place, relative(this.#root, to ?? ''));
    else if (kind === 'remove') this.#removed(place);
    else if (kind === 'folder') this.#known(place, true);
    else this.#contentOf(place);
  }

  #contentOf(place: string): void {
    const file = this.#known(place, false);
    const bytes = readFileSync(join(this.#root, place));
    this.steps.push({ kind: 'content', file, bytes });
  }

  /** The node of a path; what is new gets its name, and so do the folders above it. */
  #known(place: string, isFolder: boolean): number {
    const known = this.#nodes.get(place);
    if (known !== undefined) return known;
    const folder = this.#known(parentOf(place), true);
    this.#last += 1;
    this.#nodes.set(place, this.#last);
    this.steps.push({ kind: 'name', folder, name: basename(place), node: { node: this.#last, isFolder } });
    return this.#last;
  }

  #renamed(from: string, to: string): void {
    const node = this.#known(from, statSync(join(this.#root, to)).isDirectory());
    const isFolder = statSync(join(this.#root, to)).isDirectory();
    const folder = this.#known(parentOf(to), true);
    for (const [place, inside] of [...this.#nodes])
      if (place === from || place.startsWith(`${from}/`)) {
        this.#nodes.delete(place);
        this.#nodes.set(`${to}${place.slice(from.length)}`, inside);
      }
    this.steps.push({ kind: 'name', folder, name: basename(to), node: { node, isFolder } });
    this.steps.push({ kind: 'name', folder: this.#known(parentOf(from), true), name: basename(from), node: null });
  }

  #removed(place: string): void {
    if (!this.#nodes.has(place) || existsSync(join(this.#root, place))) return;
    for (const inside of [...this.#nodes.keys()]) if (inside.startsWith(`${place}/`)) this.#nodes.delete(inside);
    this.#nodes.delete(place);
    this.steps.push({ kind: 'name', folder: this.#known(parentOf(place), true), name: basename(place), node: null });
  }
}

function parentOf(place: string): string {
  const parent = dirname(place);
  return parent === '.' ? '' : parent;
}

/** The content of every file below a folder, by its path. */
export function filesBelow(folder: string): Record<string, string> {
  const paths = (readdirSync(folder, { recursive: true }) as string[]).filter((path) =>
    statSync(join(folder, path)).isFile(),
  );
  return Object.fromEntries(paths.toSorted().map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}
