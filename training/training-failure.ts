/** A training that cannot succeed however often it is tried: it ends as FAILED, and its trigger is done with. */
export class TrainingFailure extends Error {
  override name = 'TrainingFailure'
}

/** The exit code of data set and trainer for a server that does not answer: the same request is right again later. */
export const DEPENDENCY_AWAY = 4
