import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Chance } from './random.ts';

/** Files and folders by numbers of their own, as a file system has them; 0 is the folder that everything is in. */
type Node = number;
export const ROOT: Node = 0;

/** One thing that was asked of a file system. */
export type Step =
  /** The file holds this now. */
  | { readonly kind: 'content'; readonly file: Node; readonly bytes: Buffer }
  /** In this folder, this name stands for that; null: for nothing any more. */
  | { readonly kind: 'name'; readonly folder: Node; readonly name: string; readonly node: Entry | null }
  /** fsync of a file, or of a folder, which holds names. */
  | { readonly kind: 'flush'; readonly node: Node };

export interface Entry {
  readonly node: Node;
  readonly isFolder: boolean;
}

/** What a name or a file may be after a power cut: the first was flushed, any later one may be there or not. */
type Versions<T> = readonly [T, ...T[]];

export interface Disk {
  readonly contents: ReadonlyMap<Node, Versions<Buffer>>;
  readonly names: ReadonlyMap<Node, ReadonlyMap<string, Versions<Entry | null>>>;
}

export const EMPTY_DISK: Disk = { contents: new Map(), names: new Map([[ROOT, new Map()]]) };

/** The file system after one more step. Only an fsync settles anything: of a file its bytes, of a folder its names. */
export function after(disk: Disk, step: Step): Disk {
  switch (step.kind) {
    case 'content': {
      const versions = disk.contents.get(step.file) ?? [Buffer.alloc(0)];
      return { ...disk, contents: new Map(disk.contents).set(step.file, [...versions, step.bytes]) };
    }
    case 'name': {
      const names = disk.names.get(step.folder) ?? new Map<string, Versions<Entry | null>>();
      const versions = names.get(step.name) ?? [null];
      return {
        ...disk,
        names: new Map(disk.names).set(step.folder, new Map(names).set(step.name, [...versions, step.node])),
      };
    }
    case 'flush': {
      const content = disk.contents.get(step.node);
      if (content !== undefined) return { ...disk, contents: new Map(disk.contents).set(step.node, [newest(content)]) };
      const names = disk.names.get(step.node) ?? new Map<string, Versions<Entry | null>>();
      const settled = new Map([...names].map(([name, versions]) => [name, [newest(versions)] as const]));
      return { ...disk, names: new Map(disk.names).set(step.node, settled) };
    }
  }
}

/** What is left of everything that was not flushed: nothing, all, or what chance leaves of each file and each name. */
export type Survival = 'nothing' | 'all' | Chance;

/** Writes down in a real folder what a power cut leaves. */
export function leftBy(disk: Disk, survival: Survival, folder: string, node: Node = ROOT): void {
  for (const [name, versions] of disk.names.get(node) ?? []) {
    const entry = survivor(versions, survival, `${node}/${name}`);
    const path = join(folder, name);
    if (entry === null) continue;
    if (entry.isFolder) {
      mkdirSync(path);
      leftBy(disk, survival, path, entry.node);
    } else
      writeFileSync(path, bytesLeft(disk.contents.get(entry.node) ?? [Buffer.alloc(0)], survival, `${entry.node}`));
  }
}

function survivor<T>(versions: Versions<T>, survival: Survival, name: string): T {
  if (survival === 'nothing') return versions[0];
  return survival === 'all' ? newest(versions) : survival.pick(name, [...versions]);
}

/** A write that was under way may have come to the disk in part. */
function bytesLeft(versions: Versions<Buffer>, survival: Survival, name: string): Buffer {
  const bytes = survivor(versions, survival, name);
  const next = versions[versions.indexOf(bytes) + 1];
  if (typeof survival === 'string' || next === undefined || !next.subarray(0, bytes.length).equals(bytes)) return bytes;
  return next.subarray(0, bytes.length + Math.floor(survival.number(`${name} torn`) * (next.length - bytes.length)));
}

function newest<T>(versions: Versions<T>): T {
  return versions[versions.length - 1] as T;
}

/** What was done in the wrong order: a sentence each. */
export function disorders(steps: readonly Step[]): string[] {
  let disk = EMPTY_DISK;
  const wrong: string[] = [];
  for (const step of steps) {
    if (step.kind === 'name' && step.node?.isFolder === false) wrong.push(...tooEarly(disk, step));
    const before = disk;
    disk = after(disk, step);
    if (step.kind === 'flush') wrong.push(...promises(before, disk, step.node));
  }
  return isFlushed(disk, nodeAt(disk, 'events.jsonl')) ? wrong : [...wrong, 'the end of events.jsonl is never flushed'];
}

/** A file that is new is empty when it gets its first name; a second name is a rename. */
function tooEarly(disk: Disk, { folder, name, node }: Extract<Step, { kind: 'name' }>): string[] {
  const isRename = node !== null && disk.contents.has(node.node);
  if (!isRename) return [];
  const isDerived = folder === nodeAt(disk, 'records') || name === 'summary_report.json';
  const journal = nodeAt(disk, 'events.jsonl');
  return [
    ...(isFlushed(disk, node.node) ? [] : [`${name} got its name before its bytes were flushed`]),
    ...(isDerived && !isFlushed(disk, journal) ? [`${name} tells what events.jsonl may lose`] : []),
  ];
}

function nodeAt(disk: Disk, name: string): Node | undefined {
  return disk.names.get(ROOT)?.get(name)?.at(-1)?.node;
}

function isFlushed(disk: Disk, file: Node | undefined): boolean {
  return file === undefined || disk.contents.get(file)?.length === 1;
}

/** What the journal promises from this flush on, and is not on the disk. */
function promises(before: Disk, disk: Disk, flushed: Node): string[] {
  if (flushed !== nodeAt(disk, 'events.jsonl')) return [];
  const old = before.contents.get(flushed)?.[0].length ?? 0;
  const lines = (disk.contents.get(flushed)?.[0] ?? Buffer.alloc(0)).subarray(old).toString().split('\n');
  const unsafe =
    disk.names.get(ROOT)?.get('events.jsonl')?.[0] == null ? ['events.jsonl is flushed, its name is not'] : [];
  return [
    ...unsafe,
    ...lines.flatMap((line) => {
      const { event, evidence } = line === '' ? {} : (JSON.parse(line) as { event?: string; evidence?: string });
      if (event !== 'measured' || evidence === undefined) return [];
      const log = evidence.replace(/[^/]*$/, 'stdout.log');
      return [evidence, log].flatMap((path) =>
        isOnDisk(disk, path) ? [] : [`${path} is told of before it is flushed`],
      );
    }),
  ];
}

function isOnDisk(disk: Disk, path: string): boolean {
  let node: Node = ROOT;
  for (const part of path.split('/')) {
    const entry = disk.names.get(node)?.get(part)?.[0] ?? null;
    if (entry === null) return false;
    node = entry.node;
  }
  return isFlushed(disk, node);
}
