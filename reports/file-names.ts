/** Longest file name that is made from a model's name. */
const MAX_LENGTH = 100;

/** Names that Windows keeps for devices, and those of our own files and folders in an output directory. */
const RESERVED =
  /^(?:con|prn|aux|nul|com\d|lpt\d|attempts|records|run|plan|environment|events|history|summary_report|benchmark_summary|report|client_logs.*)(?:\..*)?$/i;

/**
 * A folder name for each model: safe on every file system, inside the output directory, and different for different
 * models, also where case does not count. The same models give the same names, in whatever order they come.
 */
export function fileNames(models: readonly string[]): Map<string, string> {
  const distinct = [...new Set(models)].sort();
  const owners = Map.groupBy(distinct, (model) => slugOf(model).toLowerCase());
  const keepsItsSlug = (model: string): boolean => {
    const slug = slugOf(model);
    return owners.get(slug.toLowerCase())?.length === 1 && !RESERVED.test(slug);
  };

  const names = new Map(distinct.filter(keepsItsSlug).map((model) => [model, slugOf(model)]));
  const taken = new Set([...names.values()].map((name) => name.toLowerCase()));
  for (const model of distinct.filter((one) => !keepsItsSlug(one))) {
    const name = hashedName(model, taken);
    names.set(model, name);
    taken.add(name.toLowerCase());
  }
  return names;
}

function slugOf(model: string): string {
  const slug = model
    .replace(/^builtin:/, '')
    .replaceAll(/[/\\]/g, '_')
    .replaceAll(/[^A-Za-z0-9._-]/g, '')
    .replace(/^\.+/, '')
    .slice(0, MAX_LENGTH)
    .replace(/\.+$/, '');
  return slug === '' ? 'model' : slug;
}

/** Two names may also share a hash, or a model may be called like another one's hashed name: then the next salt. */
function hashedName(model: string, taken: ReadonlySet<string>): string {
  const slug = slugOf(model);
  // `con.txt-01234567` would still be the device, so a reserved name gets something in front of it.
  const stem = (RESERVED.test(slug) ? `model-${slug}` : slug).slice(0, MAX_LENGTH - '-01234567'.length);
  for (let salt = 0; ; salt += 1) {
    const name = `${stem}-${fnv1a(salt === 0 ? model : `${model}\n${salt}`)}`;
    if (!taken.has(name.toLowerCase())) return name;
  }
}

/** FNV-1a, 32 bits, over the UTF-16 code units (http://www.isthe.com/chongo/tech/comp/fnv/), as 8 hex digits. */
function fnv1a(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
