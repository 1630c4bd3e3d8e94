import { join } from "node:path";
import { moduleFolder } from "../../../constructs/imports/generator/go-module";
import { typedApiOf } from "../../../constructs/imports/generator/typed-api";
import { complaintsOf, folderOf } from "./support";

const RELEASE = { module: "example.org/operator", version: "v1.2.3" };

/** A stand-in for the Go client that prints what the real one prints. */
const goThatPrints = (json: object) =>
  join(folderOf({ go: `#!/bin/sh\nprintf '%s' '${JSON.stringify(json)}'\n` }), "go");

describe("a module's folder", () => {
  it("is where the Go client says", () => {
    expect(moduleFolder(RELEASE, goThatPrints({ Dir: "/modules/operator@v1.2.3" }))).toBe("/modules/operator@v1.2.3");
  });

  it("is refused with a remedy where there is no Go", () => {
    expect(() => moduleFolder(RELEASE, "no-such-go")).toThrow(/^IMPORTS_NO_GO PATH: got "no-such-go"; .*Install Go/);
  });

  it("is refused with the client's own words where the module can't be had", () => {
    const go = goThatPrints({ Error: "404\tNot Found" });
    expect(complaintsOf(() => moduleFolder(RELEASE, go))).toEqual([
      ["IMPORTS_NO_MODULE", "example.org/operator@v1.2.3"],
    ]);
    expect(() => moduleFolder(RELEASE, go)).toThrow("(404 Not Found)");
  });
});

// cdk8s-cli takes two seconds, and many times that on a machine that builds something else beside.
jest.setTimeout(60_000);

describe("a typed API", () => {
  it("is refused with cdk8s-cli's own words where a CRD can't be read", () => {
    const crd = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {}\n";
    expect(() => typedApiOf(new Map([["broken", crd]]))).toThrow(
      /^IMPORTS_NO_TYPES .*unable to determine|Schema validation/s,
    );
  });
});
