/**
 * The witness plan as a file: iden3's container (magic `zkpl`) with the structure as JSON in section 1 and the arrays (weights,
 * indices, thresholds) in section 2. The same plan gives the same bytes.
 */
import { form, type Formed } from '../files/index.js';
import { BinFileReader, malformed, writeBinFile, type BinSource } from '../r1cs/binFile.js';
import { parsePublicLayout } from '../verify/publicLayout.js';
import type { WitnessPlan } from './plan.js';
import { decodeStructured, encodeStructured } from './structuredData.js';

const FORMAT = { magic: 'zkpl', version: 1 } as const;
const STRUCTURE = 1;
const ARRAYS = 2;

/** Writes a plan whole. @throws FILE_NOT_WRITTEN, CANCELLED */
export async function writePlanFile({ plan, path, signal }: { readonly plan: WitnessPlan; readonly path: string; readonly signal?: AbortSignal | undefined }): Promise<void> {
  const { json, block } = encodeStructured(plan);
  await writeBinFile({ ...FORMAT, path, signal, sectionCount: 2 }, async (writer) => {
    await writer.section(STRUCTURE, (append) => append(json));
    await writer.section(ARRAYS, (append) => append(block));
  });
}

/** The outer form of a plan. What is inside was written by us: the manifest's hash vouches for it. */
const Outline = form.object({
  program: form.object({
    tensors: form.list(form.object({ name: form.text() })),
    operations: form.list(form.object({ kind: form.text() })),
    inputs: form.list(form.number()),
    outputs: form.list(form.number()),
  }),
  choices: form.list(form.object({ kind: form.text() })),
  forms: form.list(form.text()),
  wireCount: form.integer({ from: 1 }),
});

/** Reads a plan. @throws FILE_NOT_FOUND, ARTIFACT_MALFORMED */
export async function readPlanFile(source: BinSource): Promise<WitnessPlan> {
  const reader = await BinFileReader.open(source, FORMAT);
  try {
    const data = decodeStructured({ json: await reader.read(STRUCTURE), block: await reader.read(ARRAYS) }, reader.name);
    const { program, choices, forms } = outlineOf(data, reader.name);
    const count = program.operations.length;
    if (program.tensors.length !== count || choices.length !== count || forms.length !== count) throw malformed(reader.name, 'lists of different lengths');
    const plan = data as WitnessPlan;
    return { ...plan, layout: parsePublicLayout(plan.layout) };
  } finally {
    await reader.close();
  }
}

function outlineOf(data: unknown, name: string): Formed<typeof Outline> {
  try {
    return Outline(data, '');
  } catch (cause) {
    if (!(cause instanceof form.FormMismatch)) throw cause;
    throw malformed(name, 'not a witness plan', 'a plan', cause.message);
  }
}
