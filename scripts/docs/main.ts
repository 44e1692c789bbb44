/** Writes the pages of docs/ that come from the code; with --check only compares. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { commandsPage } from './commands.js';
import { errorsPage } from './errors.js';
import { operatorsPage } from './operators.js';

const PAGES: Readonly<Record<string, () => string>> = { 'docs/errors.md': errorsPage, 'docs/cli.md': commandsPage, 'docs/operators.md': operatorsPage };

const check = process.argv.includes('--check');
for (const [path, page] of Object.entries(PAGES)) {
  if (!check) writeFileSync(path, page());
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== page()) {
    console.error(`${path} is not what the code says; run: npm run docs`);
    process.exitCode = 1;
  } else console.log(`${path} is what the code says`);
}
