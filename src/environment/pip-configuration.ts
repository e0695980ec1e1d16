import type { Env } from './on-path.ts';

/** What uv must be told, since it does not read pip's configuration. */
export interface UvOptions {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Where the user's pip looks for packages, said in uv's words: indexes, find-links, certificate, proxy, time limit.
 * `listing` is the output of `pip config list`; `:env:.` lines are variables, and win over `install.`, then `global.`.
 * What the user told uv itself (UV_*, SSL_CERT_FILE, HTTPS_PROXY) is left alone.
 */
export function uvOptions(listing: string, env: Env): UvOptions {
  const settings = readSettings(listing, env);
  const one = (name: string) => settings.get(name)?.at(-1);
  const many = (name: string) => settings.get(name) ?? [];
  const index = (env['UV_DEFAULT_INDEX'] ?? env['UV_INDEX_URL']) ? undefined : one('index-url');
  const cert = env['SSL_CERT_FILE'] === undefined ? one('cert') : undefined;
  const proxy = (env['HTTPS_PROXY'] ?? env['https_proxy']) ? undefined : one('proxy');
  const timeout = env['UV_HTTP_TIMEOUT'] === undefined ? (one('timeout') ?? one('default-timeout')) : undefined;
  return {
    args: [
      ...(index === undefined ? [] : ['--default-index', index]),
      ...many('extra-index-url').flatMap((url) => ['--index', url]),
      ...many('find-links').flatMap((place) => ['--find-links', place]),
      ...(/^(1|true|yes|on)$/i.test(one('no-index') ?? '') ? ['--no-index'] : []),
      ...many('trusted-host').flatMap((host) => ['--allow-insecure-host', host]),
      // As pip: the best version of all indexes. uv alone would stop at the first index that knows the name.
      '--index-strategy',
      'unsafe-best-match',
    ],
    env: {
      ...(cert === undefined ? {} : { SSL_CERT_FILE: cert }),
      ...(proxy === undefined ? {} : { HTTPS_PROXY: proxy, HTTP_PROXY: proxy }),
      ...(timeout === undefined ? {} : { UV_HTTP_TIMEOUT: timeout }),
    },
  };
}

const SECTIONS = ['global', 'install', ':env:'] as const;

function readSettings(listing: string, env: Env): Map<string, string[]> {
  const variables = Object.entries(env).flatMap(([name, value]): [string, string][] =>
    name.startsWith('PIP_') && value !== undefined ? [[name.slice(4).toLowerCase().replaceAll('_', '-'), value]] : [],
  );
  const lines = listing.split('\n').flatMap((line) => {
    // global.find-links='/srv/wheels'
    const parts = /^(?<section>[a-z:]+)\.(?<name>[\w-]+)=(?<value>['"].*['"])$/.exec(line.trim())?.groups;
    return parts === undefined ? [] : [{ ...parts } as { section: string; name: string; value: string }];
  });
  const settings = new Map<string, string[]>();
  for (const section of SECTIONS) {
    for (const line of lines.filter((each) => each.section === section))
      settings.set(line.name, words(unquote(line.value)));
  }
  // Without a pip to ask, its variables are still there to read.
  for (const [name, value] of variables) settings.set(name, words(value));
  return settings;
}

/** A Python string literal, as `pip config list` prints values: a list is one string with line feeds in it. */
function unquote(literal: string): string {
  return literal
    .slice(1, -1)
    .replace(/\\n/g, '\n')
    .replace(/\\(['"\\])/g, '$1');
}

function words(value: string): string[] {
  return value.split(/\s+/).filter((word) => word !== '');
}
