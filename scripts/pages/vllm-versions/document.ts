import type { Capabilities } from '../../../src/schema/facts.ts';
import { compareVersions } from './recorded.ts';
import { type Column, FP8_DEPRECATED_FROM, RESET_ANSWERS_FROM, toldBy } from './told.ts';

export const BEGIN = '<!-- made by `npm run pages` from fixtures/capabilities; do not edit -->';
export const END = '<!-- end of what is made -->';

/** The document with its table made again; throws when it lost the lines that the table stands between. */
export function withTable(document: string, versions: readonly Capabilities[]): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`the document has no lines ${BEGIN} and ${END}`);
  return `${document.slice(0, begin + BEGIN.length)}\n\n${table(versions)}\n\n${document.slice(end)}`;
}

type Cell = (capabilities: Capabilities, before: Capabilities | undefined) => string;

const COLUMNS: readonly { readonly id: Column; readonly title: string; readonly cell: Cell }[] = [
  {
    id: 'lengths',
    title: 'length flags honoured',
    cell: ({ random_length_flags }) => (random_length_flags ? '`--random-input-len`, ...' : '`--input-len`, ...'),
  },
  { id: 'warmups', title: '`--num-warmups`', cell: ({ num_warmups }) => yesNo(num_warmups) },
  { id: 'metrics', title: 'times of a request', cell: ({ request_metrics }) => yesNo(request_metrics) },
  { id: 'fp8', title: 'online FP8', cell: onlineFp8 },
  { id: 'fp4', title: 'online FP4, and what it reaches', cell: onlineFp4 },
  {
    id: 'kv',
    title: '`--kv-cache-dtype`',
    cell: (now, before) => difference(now.kv_cache_dtypes, before?.kv_cache_dtypes),
  },
  { id: 'bench', title: '`vllm bench`', cell: (now, before) => difference(now.bench, before?.bench) },
  {
    id: 'reset',
    title: '`reset_prefix_cache()`',
    cell: ({ vllm_version }) => (compareVersions(vllm_version, RESET_ANSWERS_FROM) < 0 ? 'None' : 'True or False'),
  },
];

function table(versions: readonly Capabilities[]): string {
  const rows = versions.map((capabilities, index) => [
    capabilities.vllm_version,
    ...COLUMNS.map(({ id, cell }) => {
      const told = toldBy(capabilities.vllm_version, id);
      return `${cell(capabilities, versions[index - 1])} (${told === 'ran' ? '**ran**' : told})`;
    }),
  ]);
  const head = ['vLLM', ...COLUMNS.map(({ title }) => title)];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}

function onlineFp8({ vllm_version, online_quantization }: Capabilities): string {
  const isDeprecated = compareVersions(vllm_version, FP8_DEPRECATED_FROM) >= 0;
  const names = Object.keys(online_quantization).filter((name) => /^(?:mx)?fp8/.test(name));
  return names.map((name) => code(name) + (name === 'fp8' && isDeprecated ? ' deprecated' : '')).join(', ');
}

function onlineFp4({ online_quantization }: Capabilities): string {
  const found = Object.entries(online_quantization).filter(([name]) => name.includes('fp4'));
  return found.map(([name, layers]) => `${code(name)}: ${layers.join(' and ') || 'nothing'}`).join('; ') || 'none';
}

/** A list in full for the first version; for each that follows, what came and what went. */
function difference(now: readonly string[], before: readonly string[] | undefined): string {
  if (before === undefined) return now.map(code).join(' ');
  const came = now.filter((name) => !before.includes(name)).map((name) => `+${code(name)}`);
  const went = before.filter((name) => !now.includes(name)).map((name) => `-${code(name)}`);
  return [...came, ...went].join(' ') || 'as above';
}

function code(name: string): string {
  return `\`${name}\``;
}
