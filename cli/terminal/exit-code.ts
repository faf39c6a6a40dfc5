/** What a command's exit code says, the same in all of them. */
export const EXIT = {
  done: 0,
  /** What was asked has an answer, and it is no; or what was to be done has failed. */
  no: 1,
  /** On the command line, in a variable or in the systems file: the same again would end the same. */
  mistake: 2,
  /** Something outside does not answer. */
  unavailable: 3,
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

export const EXIT_CODES_HELP = `
Exit codes: 0 done; 1 the answer is no (a check fails, something differs, a feed cannot be followed) or it has failed;
2 a mistake on the command line or in the configuration; 3 a server does not answer; 130 interrupted.`

/** The exit code of a command that ended with this error. Libraries' errors go by their names: a mistake in an option loads none. */
export const exitCodeOf = (error: unknown): ExitCode => {
  if (!(error instanceof Error)) return EXIT.no
  const { exitCode, code = '' } = error as { exitCode?: unknown; code?: unknown }
  if (error.name === 'CommandError') return exitCode as ExitCode
  // Commander's codes are 0 for what was asked for, such as the help, and 1 for mistakes.
  if (String(code).startsWith('commander.')) return exitCode === 0 ? EXIT.done : EXIT.mistake
  if (error.name === 'ConfigError') return EXIT.mistake
  if (error.name === 'UnavailableError') return EXIT.unavailable
  return error.cause === undefined ? EXIT.no : exitCodeOf(error.cause)
}
