import tseslint from 'typescript-eslint';

// The house: every room lists the rooms it may look into (docs/architecture.md draws them). All other imports between
// rooms are errors, so that doors only lead downhill.
const rooms = {
  'src/errors': [],
  'src/files': ['src/errors'],
  'src/snarkjs': ['src/errors'],
  'src/onnx': ['src/errors', 'src/files'],
  'src/runtime': ['src/errors', 'src/onnx'],
  'src/quantize': ['src/errors', 'src/files', 'src/onnx', 'src/runtime'],
  'src/program': ['src/errors', 'src/onnx'],
  'src/lower': ['src/errors', 'src/onnx', 'src/program'],
  'src/r1cs': ['src/errors', 'src/files'],
  'src/poseidon': ['src/r1cs'],
  circuits: ['src/errors', 'src/r1cs', 'src/poseidon', 'src/program'],
  'src/compile': ['src/errors', 'src/files', 'src/program', 'src/r1cs', 'src/verify', 'circuits'],
  'src/setup': ['src/errors', 'src/files', 'src/r1cs', 'src/snarkjs'],
  'src/verify': ['src/errors', 'src/setup', 'src/poseidon', 'src/r1cs'],
  'src/prove': ['src/errors', 'src/files', 'src/r1cs', 'src/snarkjs', 'src/setup', 'src/verify'],
  'src/evm': ['src/errors', 'src/files', 'src/setup', 'src/verify'],
  'src/artifacts': ['src/errors', 'src/files', 'src/onnx', 'src/setup', 'src/verify'],
  'src/workflow': [
    ...['src/errors', 'src/files', 'src/onnx', 'src/runtime', 'src/program', 'src/lower', 'src/compile', 'src/r1cs', 'src/setup'],
    ...['src/prove', 'src/verify', 'src/evm', 'src/artifacts', 'src/quantize'],
  ],
  'src/cli': ['src/errors', 'src/artifacts', 'src/prove', 'src/quantize', 'src/workflow'],
};
const everyRoom = Object.keys(rooms);

const layering = Object.entries(rooms).map(([room, allowed]) => ({
  files: [`${room}/**/*.ts`],
  ignores: ['**/*.test.ts'],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: everyRoom
          .filter((other) => other !== room && !allowed.includes(other))
          .map((other) => ({
            regex: `^(\\.\\./)+(src/)?${other.replace('src/', '')}/`,
            message: `${room} may only import ${allowed.join(', ') || 'nothing of ours'}`,
          })),
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'artifacts/', 'native/build/', 'scripts/models/'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'No default exports: name the thing.' },
      ],
    },
  },
  {
    files: ['**/*.ts'],
    ignores: ['src/snarkjs/worker.ts', '**/*.test.ts', 'test/**', 'bench/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { paths: ['snarkjs', 'ffjavascript', 'circomlibjs'].map((name) => ({ name, message: 'GPL-3.0: only src/snarkjs/worker.ts may import it.' })) },
      ],
    },
  },
  // node:test's describe/it return promises that the runner awaits.
  { files: ['**/*.test.ts'], rules: { '@typescript-eslint/no-floating-promises': 'off' } },
  ...layering,
);
