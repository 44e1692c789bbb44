/** A name from a model file, made safe for a Solidity comment: a hostile name can neither end the comment nor hide text in it. */
export function commentText(name: string): string {
  const safe = name.replace(/[^A-Za-z0-9_.:/ -]/g, '?').slice(0, 80);
  return safe === '' ? '(no name)' : safe;
}

/** A Solidity identifier made from the name of a model, in the style of contract names: `digits-cnn.int8` → `DigitsCnnInt8`. */
export function contractIdentifier(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const joined = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('').slice(0, 60);
  return /^[A-Za-z]/.test(joined) ? joined : `Model${joined}`;
}

/** A 256-bit word as a hexadecimal literal. */
export function hexWord(value: bigint): string {
  return `0x${value.toString(16).padStart(64, '0')}`;
}
