import type { OwnEnvironment } from './own-environment.ts';

export interface CommandResult {
  readonly ok: boolean;
  /** Both streams. */
  readonly output: string;
}

/** How packages get into an environment: by uv or, where it cannot be had, by pip. */
export interface Installer {
  makeEnvironment(directory: string): Promise<CommandResult>;
  /** `what`: requirements, or `-r FILE`. */
  install(to: Pick<OwnEnvironment, 'python'>, what: readonly string[], how?: InstallOptions): Promise<CommandResult>;
  /** After success only: what a failed download already fetched is there for the next try. */
  cleanUp(): Promise<void>;
}

export interface InstallOptions {
  /** Look here only, instead of where the user's pip looks. */
  readonly index?: string;
  /** Also what `what` depends on; a lock file names everything already. */
  readonly dependencies?: boolean;
}
