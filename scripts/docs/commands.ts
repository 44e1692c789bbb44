import type { Command } from 'commander';
import { buildProgram } from '../../src/cli/program.js';

/** docs/cli.md, from the help texts of the commands. */
export function commandsPage(): string {
  const program = buildProgram(async () => undefined);
  const section = (command: Command, prefix: string): string[] => {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 100 }).outputHelp();
    const name = `${prefix} ${command.name()}`;
    return [`## ${name}\n\n\`\`\`text\n${help.trim()}\n\`\`\`\n`, ...command.commands.flatMap((inner) => section(inner, name))];
  };
  const sections = program.commands.flatMap((command) => section(command, 'zkonnx'));
  return [
    '# Commands',
    '',
    '<!-- Written by `npm run docs` from src/cli. -->',
    '',
    'Data goes to stdout, everything else to stderr. With `--json` a command prints one JSON object on stdout,',
    '`{ "ok": true, "command", "result", "warnings" }` or `{ "ok": false, "command", "error", "exitStatus" }`; errors.md lists the',
    'codes and exit statuses. Where a command answers no (`check`), the first has an `exitStatus` too. Ctrl-C stops a command cleanly, with exit status 130; a second one does not wait.',
    '',
    ...sections,
  ].join('\n');
}
