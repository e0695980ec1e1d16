/** `node scripts/metrics-page.ts`: writes docs/metrics.md from the table of metrics. */
import { writeFileSync } from 'node:fs';
import { metricsPage } from '../reports/metrics-page.ts';

writeFileSync(new URL('../docs/metrics.md', import.meta.url), metricsPage());
