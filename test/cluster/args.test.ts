import { parseCommandLine } from "./args";

describe("npm run cluster", () => {
  it("runs three nodes and nothing else by default", () => {
    expect(parseCommandLine([])).toEqual({
      command: "run",
      nodes: 3,
      images: [],
      controllers: [],
      audit: false,
      help: false,
    });
  });

  it("builds only, with controllers", () => {
    const line = parseCommandLine(["build", "--with", "kro"]);
    expect(line).toMatchObject({ command: "build", controllers: ["kro"] });
  });

  it("takes this machine for a node, and images with it", () => {
    const line = parseCommandLine(["--pods", "--image", "a.tar", "--image", "b.tar"]);
    expect(line).toMatchObject({ command: "run", nodes: "real", images: ["a.tar", "b.tar"] });
    expect(parseCommandLine(["stop"]).command).toBe("stop");
  });

  it("names everything that it can't follow in one error", () => {
    expect(() => parseCommandLine(["--nodes", "many", "--with", "krow", "start"])).toThrow(
      /--nodes: got "many";[^\n]*\nCLUSTER_ARGUMENT --with: got "krow";[^\n]*kro, keda, traefik\.\nCLUSTER_ARGUMENT command: got "start"/,
    );
  });
});
