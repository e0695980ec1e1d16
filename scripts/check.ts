/** `npm run check`: types, lint, format, and what nobody uses. */
import { staticChecks } from './suites/checks.ts';
import { say } from './suites/command.ts';
import { isGreen, tallyLine } from './suites/suite.ts';

const result = await staticChecks.run();
say(tallyLine([result]));
process.exitCode = isGreen([result], { strict: true }) ? 0 : 1;
