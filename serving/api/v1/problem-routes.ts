import { Type } from 'typebox'
import { problems } from '../api-schemas.ts'
import { HttpProblem } from '../http-problem.ts'
import { type ProblemName, problemTypes, problemTypeUri } from '../problem-types.ts'
import type { TypedApp } from '../typed-app.ts'

const tags = ['problems']

const ProblemType = Type.Object({
  type: Type.String({ description: 'the type of such problems, the address of this description' }),
  status: Type.Integer(),
  title: Type.String(),
  meaning: Type.String({ description: 'what it means and what to do' }),
})

/** The descriptions that the `type` of a problem points to. */
export const addProblemRoutes = (app: TypedApp): void => {
  const present = (name: ProblemName) => ({ type: problemTypeUri(name), ...problemTypes[name] })
  app.get(
    '/problems',
    {
      schema: {
        tags,
        operationId: 'listProblems',
        summary: 'Every type of problem',
        response: { 200: Type.Object({ problems: Type.Array(ProblemType) }) },
      },
    },
    async () => ({ problems: Object.keys(problemTypes).map((name) => present(name as ProblemName)) }),
  )
  app.get(
    '/problems/:name',
    {
      schema: {
        tags,
        operationId: 'getProblem',
        summary: 'A type of problem',
        params: Type.Object({ name: Type.String({ maxLength: 100, examples: ['no-model'] }) }),
        response: { 200: ProblemType, ...problems(404, 422) },
      },
    },
    async ({ params: { name } }) => {
      if (!Object.hasOwn(problemTypes, name))
        throw new HttpProblem(404, `There is no problem type "${name}".`, 'unknown-problem')
      return present(name as ProblemName)
    },
  )
}
