import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The Solidity under contracts/, by path, ready for the compiler. Tests run from the root of the repository. */
export function handWritten(): Record<string, string> {
  const files = readdirSync('contracts', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.sol'));
  return Object.fromEntries(files.map((file) => [join('contracts', file).replaceAll('\\', '/'), readFileSync(join('contracts', file), 'utf8')]));
}
