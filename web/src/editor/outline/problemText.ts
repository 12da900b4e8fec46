import type { Problem } from '../document/problems'

/** What the server said, as it said it; the editor's own words are translated. */
export const problemText = (problem: Problem, t: (key: string, named: Record<string, unknown>) => string): string =>
  problem.message ?? t(`editor.lint.${problem.code}`, problem.args ?? {})
