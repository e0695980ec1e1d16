/** `node scripts/attestation-page.ts`: writes docs/attestation.md from the table of checks. */
import { writeFileSync } from 'node:fs';
import { CHECKS } from '../src/summary/attest.ts';
import { attestationPage } from '../src/summary/attestation-page.ts';

writeFileSync(new URL('../docs/attestation.md', import.meta.url), attestationPage(CHECKS));
