import { BENCHES } from './index.ts';

/** `npm run bench [name ...]`: measures what the documents put a figure on, and prints it. */
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !BENCHES.some((bench) => bench.id === name));
if (unknown.length > 0) {
  process.stderr.write(
    `bench: there is no ${unknown.join(', ')}; there are ${BENCHES.map((bench) => bench.id).join(', ')}\n`,
  );
  process.exit(2);
}
for (const bench of BENCHES.filter(({ id }) => wanted.length === 0 || wanted.includes(id))) {
  process.stdout.write(`\n== ${bench.id}: ${bench.question}\n`);
  for await (const line of bench.run()) process.stdout.write(`${line}\n`);
}
