import { InvalidInputError, Problem } from "../../constructs/shared/problems";

/** A control plane that was asked for can't be had here: tests that need it are skipped, and CI fails. */
export class ClusterUnavailableError extends InvalidInputError {
  /**
   * @param installable whether somebody could install what's missing on this machine; if so, CI must have it
   */
  constructor(
    problem: Problem,
    readonly installable: boolean,
  ) {
    super([problem]);
    this.name = "ClusterUnavailableError";
  }

  get code(): string {
    return this.problems[0]?.code ?? "";
  }

  get remedy(): string {
    return this.problems[0]?.remedy ?? "";
  }
}

/** A cluster, or a part of one, did not do what it must. */
export class ClusterError extends InvalidInputError {
  constructor(...problems: Problem[]) {
    super(problems);
    this.name = "ClusterError";
  }
}
