/** What the service refuses or can't do, in the words of whoever asked. Codes stand in docs/errors.md. */
import { InvalidInputError, Problem } from "../constructs/shared/problems";

/** One problem, by whose code programs tell it. */
export class CodedError extends InvalidInputError {
  readonly code: string;

  constructor(problem: Problem, options?: ErrorOptions) {
    super([problem]);
    this.code = problem.code;
    this.cause = options?.cause;
  }
}

export class ServiceError extends InvalidInputError {
  readonly code: string;

  constructor(
    /** HTTP status that says it. */
    readonly status: number,
    problems: readonly [Problem, ...Problem[]],
    options?: ErrorOptions,
  ) {
    super(problems);
    this.name = "ServiceError";
    this.code = problems[0].code;
    this.cause = options?.cause;
  }
}
