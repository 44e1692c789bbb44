import { readFile, writeFile } from 'node:fs/promises';

/** Replaces what stands between the markers of a page that a script writes figures into. */
export async function insertFigures({ path, script, text }: { path: string; script: string; text: string }): Promise<void> {
  const page = await readFile(path, 'utf8');
  const [start, end] = [`<!-- figures: written by npm run ${script} -->\n`, '\n<!-- end of figures -->'];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${path} has no place for figures`);
  await writeFile(path, `${page.slice(0, from + start.length)}\n${text}\n${page.slice(to)}`);
}
