import { InvalidInputError, Problem } from "../../constructs/shared/problems";

/** An image can't be had. */
export class ImageError extends InvalidInputError {
  constructor(problem: Problem) {
    super([problem]);
    this.name = "ImageError";
  }
}
