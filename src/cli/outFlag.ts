/** The option that leads the next command to the same folder; nothing for the usual one. */
export function outFlag(folder: string | undefined): string {
  return folder === undefined ? '' : ` --out ${folder}`;
}
