import { parseCommandLine } from "./args";

describe("npm run cluster", () => {
  it("runs three nodes and nothing else by default", () => {
    expect(parseCommandLine([])).toEqual({ command: "run", nodes: 3, controllers: [], audit: false, help: false });
  });

  it("builds only, with controllers", () => {
    const line = parseCommandLine(["build", "--with", "kro"]);
    expect(line).toMatchObject({ command: "build", controllers: ["kro"] });
  });

  it("names everything that it can't follow in one error", () => {
    expect(() => parseCommandLine(["--nodes", "many", "--with", "krow", "start"])).toThrow(
      /--nodes: got "many";[^\n]*\nCLUSTER_ARGUMENT --with: got "krow";[^\n]*kro, keda\.\nCLUSTER_ARGUMENT command: got "start"/,
    );
  });
});
