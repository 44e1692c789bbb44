import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The rooms whose code decides what a model compiles to. */
const ROOMS = ['circuits', 'src/compile', 'src/lower', 'src/onnx', 'src/poseidon', 'src/program', 'src/r1cs', 'src/verify'];

let known: string | undefined;

/** SHA-256 of the compiler's own code, so that another version of zkonnx never takes over what this one compiled. */
export function compilerFingerprint(): string {
  if (known !== undefined) return known;
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const hash = createHash('sha256');
  for (const room of ROOMS) {
    const files = readdirSync(join(root, room), { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => name.endsWith('.js') && !name.endsWith('.test.js')).sort()) {
      const path = join(root, room, file);
      hash.update(`${relative(root, path)}\n`).update(createHash('sha256').update(readFileSync(path)).digest());
    }
  }
  known = hash.digest('hex');
  return known;
}
